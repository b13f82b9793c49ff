/**
 * The invariants of the outbox in a run: what was queued is stored at the peer once, in the order
 * of its subject, and told under a grant. Knows the acts of people, and reads the trail.
 */

import type { AuditRecord } from "../../../src/contract/audit.ts";

/** The content of an entry as it is stored, and as it leaves. */
export interface Content {
  /** The number of its cause: later causes have higher numbers. */
  readonly n: number;
  readonly subject: string;
  /** A receipt replaces the one before it. */
  readonly replaces: boolean;
}

/** An entry as it leaves. */
export interface Leaving extends Content {
  readonly id: string;
  /** A fact that only a granted peer may know; null where its grant permits none. */
  readonly fact: string | null;
}

/** Judges a run of the outbox. */
export interface OutboxJudge {
  readonly violations: string[];
  readonly counts: { queued: number; stored: number; repeated: number };
  /** When each entry was queued. */
  readonly queuedMs: Map<string, number>;
  say(what: string): void;
  /** People were told whether the peer may be told facts, or is paired at all. */
  allowed(facts: boolean, paired: boolean): void;
  left(leaving: Leaving): void;
  stored(leaving: Leaving, isRepeated: boolean): void;
  /** The run is over and nothing was in the way. */
  over(trail: readonly AuditRecord[], left: readonly string[]): void;
}

/** The details of a record that is about an entry. */
export const contentOf = ({ details }: AuditRecord): Content => JSON.parse(details ?? "{}");

/** Makes a judge; `isRestored` says whether the sender was restored from a backup. */
export function outboxJudge(isRestored: () => boolean): OutboxJudge {
  const violations: string[] = [];
  const counts = { queued: 0, stored: 0, repeated: 0 };
  const idOf = new Map<number, string>();
  const order = new Map<string, number[]>();
  let may = { facts: true, paired: true };
  const say = (what: string): void => void violations.push(what);
  const judge: OutboxJudge = {
    violations,
    counts,
    queuedMs: new Map(),
    say,
    allowed: (facts, paired) => {
      may = { facts, paired };
    },
    left: ({ n, fact }) => {
      if (fact !== null && !may.facts) say(`the fact of ${n} was told after its grant ended`);
      if (!may.paired) say(`${n} left after the unpairing`);
    },
    stored: ({ id, n, subject }, isRepeated) => {
      counts.stored += 1;
      if (isRepeated) counts.repeated += 1;
      const known = idOf.get(n) ?? id;
      idOf.set(n, known);
      if (known !== id) say(`${n} was stored twice`);
      if (!isRepeated) order.set(subject, [...(order.get(subject) ?? []), n]);
    },
    over: (trail, left) => {
      for (const id of left) say(`entry ${id} is left`);
      const open = openOf(trail);
      const lost = [...open].filter((n) => !idOf.has(n));
      for (const n of lost) say(`${n} is lost`);
      counts.queued = trail.filter(({ outcome }) => outcome === "asked").length;
      for (const { outcome, details } of trail) {
        if (outcome === "expired") say(`an entry expired early: ${details}`);
      }
      // What was dropped, and came back with a backup, may come after what was queued later.
      if (isRestored()) return;
      for (const [subject, stored] of order) {
        // What was dropped while it was under way may arrive late.
        const numbers = stored.filter((n) => open.has(n));
        const sorted = numbers.toSorted((one, other) => one - other);
        if (sorted.join() !== numbers.join()) say(`${subject} is out of order: ${numbers.join()}`);
      }
    },
  };
  return judge;
}

/** Causes on record that nothing on record has ended but their being done. */
function openOf(trail: readonly AuditRecord[]): ReadonlySet<number> {
  const waiting = new Map<number, Content & { readonly scope: string | null }>();
  let isGranted = true;
  for (const { verb, outcome, details } of trail) {
    if (verb === "unpair") waiting.clear();
    if (verb === "pair") isGranted = true;
    if (verb === "grant") isGranted = /"scopes":\["ask"\]/.test(details ?? "");
    if (!isGranted) for (const [n, { scope }] of waiting) if (scope !== null) waiting.delete(n);
    if (verb !== "wait") continue;
    const content = JSON.parse(details ?? "{}");
    if (content.scope === "ask" && !isGranted) continue;
    if (outcome !== "asked") {
      // What the sender calls done must be stored at the peer.
      if (outcome !== "done") waiting.delete(content.n);
      continue;
    }
    if (content.replaces === true) {
      for (const [n, { subject }] of waiting) if (subject === content.subject) waiting.delete(n);
    }
    waiting.set(content.n, content);
  }
  return new Set(waiting.keys());
}
