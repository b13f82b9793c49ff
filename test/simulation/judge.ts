/**
 * What must hold whatever happens. Knows nothing of how the product decides: it remembers who
 * renewed, paired, asked and revoked, and reads the trail.
 */

import type { AuditRecord } from "../../src/contract/audit.ts";
import { askMemoryMs, attemptsMax, leaseLifeMs, linkLifeMs } from "../../src/contract/limits.ts";
import { digest, identityOf, type Machine, machineOf, nameOf, type Replied } from "./machine.ts";

/** Judges one run. */
export interface Judge {
  readonly violations: string[];
  readonly counts: Record<"asks" | "answers" | "repeats" | "confirms" | "verified", number>;
  /** A session renewed a name, or took it, by a request that arrived at an instant. */
  renewed(machine: Machine, name: string, by: Renewal): void;
  /** A name was released, and its user was told so. */
  released(machine: Machine, name: string, atEvent: number): void;
  /** A machine no longer answers another, and its user was told so; or it may again. */
  revoked(machine: Machine, peer: number, atEvent: number): void;
  restored(machine: Machine, peer: number): void;
  /** An ask is answered with 200: the answer leaves now. */
  leaves(answer: Replied): void;
  /** The same, once everything that came before is known. */
  answered(answer: Replied): void;
  /** A confirm was evaluated. */
  confirmed(code: string, outcome: string): void;
  /** What a session was told on the asking side. */
  told(asker: Machine, answerer: Machine, thread: string): void;
  heard(one: number, other: number): void;
  /** Looks at everything a machine keeps. */
  inspect(machine: Machine, all: readonly Machine[]): Promise<void>;
}

/** When, by the boot clock, and of which daemon. */
export interface Renewal {
  readonly bootMs: number;
  readonly run: string;
}

/** A judge to whom nothing has happened. */
export function judge(nowMs: () => number): Judge {
  const violations: string[] = [];
  const counts = { asks: 0, answers: 0, repeats: 0, confirms: 0, verified: 0 };
  const renewals = new Map<string, Renewal>();
  const releases = new Map<string, number>();
  const revocations = new Map<string, number>();
  const outcomes = new Map<string, { readonly reply: string; readonly bootMs: number }>();
  const confirms = new Map<string, string[]>();
  const heardMs = new Map<string, number>();
  const say = (what: string): void => {
    violations.push(`${nowMs()}: ${what}`);
  };
  const key = (...parts: readonly unknown[]): string => parts.join(" ");

  const answered = (answer: Replied): void => {
    const { machine, from, body, bootMs } = answer;
    const reply = answer.reply.body;
    const { handle, ask_id } = JSON.parse(body);
    const renewal = renewals.get(key(machine.index, handle));
    const isLive =
      renewal !== undefined &&
      renewal.run === answer.run &&
      bootMs - renewal.bootMs < leaseLifeMs &&
      answer.arrived <= (releases.get(key(machine.index, handle)) ?? Number.POSITIVE_INFINITY);
    if (!isLive) say(`an expired lease was served: ${nameOf(machine.index)}/${handle}`);
    const revokedAt = revocations.get(key(machine.index, from));
    if (revokedAt !== undefined && answer.arrived > revokedAt) say("a revoked peer was answered");
    const asked = key(machine.index, from, ask_id);
    const before = outcomes.get(asked);
    if (before === undefined) outcomes.set(asked, { reply, bootMs });
    else if (bootMs - before.bootMs < askMemoryMs) {
      counts.repeats += 1;
      if (before.reply !== reply) say(`a repeated ask had another outcome: ${ask_id}`);
    }
  };
  return {
    violations,
    counts,
    renewed: (machine, name, by) => {
      renewals.set(key(machine.index, name), by);
      releases.delete(key(machine.index, name));
    },
    released: (machine, name, atEvent) => {
      releases.set(key(machine.index, name), atEvent);
    },
    revoked: (machine, peer, atEvent) => {
      revocations.set(key(machine.index, peer), atEvent);
    },
    restored: (machine, peer) => {
      revocations.delete(key(machine.index, peer));
      for (const asked of [...outcomes.keys()]) {
        if (asked.startsWith(key(machine.index, peer, ""))) outcomes.delete(asked);
      }
    },
    leaves: ({ machine, body, reply }) => {
      counts.answers += 1;
      const { thread_id } = JSON.parse(body);
      const sealed = recordsOf(machine, thread_id).some(
        ({ direction, answer_sha256 }) =>
          direction === "in" && answer_sha256 === digest(reply.body),
      );
      if (!sealed) say(`an answer left without its record: ${thread_id}`);
    },
    answered,
    confirmed: (code, outcome) => {
      counts.confirms += 1;
      const list = [...(confirms.get(code) ?? []), outcome];
      confirms.set(code, list);
      if (list.length > attemptsMax) say(`attempt ${list.length} at one code was evaluated`);
      const used = list.findIndex((each) => each === "paired" || each === "code_burned");
      if (used >= 0 && used < list.length - 1) say("a code was tried after it was over");
    },
    told: (asker, answerer, thread) => {
      const out = recordsOf(asker, thread).some(({ direction }) => direction === "out");
      if (!out) say(`a session was told what its own trail does not hold: ${thread}`);
      const own = recordsOf(answerer, thread).some(
        ({ direction, outcome }) => direction === "in" && outcome === "ok",
      );
      if (!own) say(`an answer without a record where it was given: ${thread}`);
    },
    heard: (one, other) => {
      heardMs.set(key(...[one, other].sort()), nowMs());
    },
    inspect: async (machine, all) => {
      if (machine.daemon.isOver) return;
      counts.verified += 1;
      await inspectChain(machine, say);
      inspectWitnesses(machine, all, say);
      for (const flaw of flawsOf(trailOf(machine))) say(flaw);
      for (const peer of machine.daemon.context.tables.peers.all()) {
        const shown = machine.daemon.memories.shown(peer, machine.now());
        const last = heardMs.get(key(...[machine.index, machineOf(peer.fingerprint)].sort()));
        // By the boot clock, which goes on while the machine sleeps.
        const isHeard = last !== undefined && nowMs() - last < linkLifeMs;
        if (shown.link === "up" && !isHeard) say("a link is up on which nobody was heard");
      }
    },
  };
}

type Say = (what: string) => void;

const trailOf = ({ disk }: Machine): readonly AuditRecord[] =>
  disk.tables.audit.next({ afterSeq: 0, all: true }, 100_000);

const recordsOf = ({ disk }: Machine, threadId: string): readonly AuditRecord[] =>
  disk.tables.audit.next({ afterSeq: 0, all: true, threadId }, 1_000);

async function inspectChain({ daemon, index }: Machine, say: Say): Promise<void> {
  const verified = await daemon.trail.verify();
  if (!verified.ok) say(`the chain of ${nameOf(index)} does not verify: ${verified.reason}`);
}

/** What others keep of this machine's trail is what the trail says. */
function inspectWitnesses(machine: Machine, all: readonly Machine[], say: Say): void {
  for (const other of all) {
    if (other === machine) continue;
    const row = other.disk.tables.peers.get(identityOf(machine.index).fingerprint);
    const kept = row?.checkpoint ?? null;
    if (kept === null) continue;
    if (machine.disk.tables.audit.at(kept.seq)?.hash !== kept.hash) {
      say(`a witness keeps a head that ${nameOf(machine.index)} never had`);
    }
  }
}

/** Whoever was answered was allowed to ask, of a handle that somebody held: as the trail says. */
function flawsOf(records: readonly AuditRecord[]): readonly string[] {
  const flaws: string[] = [];
  const granted = new Map<string | null, boolean>();
  const held = new Set<string | null>();
  for (const record of records) {
    const { seq, verb, outcome, direction, handle, peer_fingerprint: peer, question } = record;
    if (outcome !== "ok") continue;
    if (verb === "pair" || verb === "grant") granted.set(peer, question === "ask");
    if (verb === "unpair") granted.set(peer, false);
    if (verb === "activate") held.add(handle);
    if (verb === "deactivate" || verb === "expire") held.delete(handle);
    if (verb !== "ask" || direction !== "in") continue;
    if (granted.get(peer) !== true) flaws.push(`record ${seq}: a revoked peer was answered`);
    if (!held.has(handle)) flaws.push(`record ${seq}: nobody held ${handle}`);
  }
  return flaws;
}
