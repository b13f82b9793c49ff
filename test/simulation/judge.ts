/**
 * The invariants of a run. Knows nothing of the product's decisions: it remembers who renewed,
 * paired, asked and revoked, and reads the trail.
 */

import type { AuditRecord } from "../../src/contract/audit.ts";
import { askMemoryMs, attemptsMax, leaseLifeMs, linkLifeMs } from "../../src/contract/limits.ts";
import type { HelloOutput } from "../../src/contract/peer.ts";
import { type MailJudge, mailJudge } from "./judge-mail.ts";
import { compared } from "./judge-trails.ts";
import { type WaitJudge, waitFlaws, waitJudge } from "./judge-waits.ts";
import type { Machine, Replied } from "./machine.ts";
import { digest, identityOf, machineOf, nameOf } from "./who.ts";

/** When, by the boot clock, and of which daemon. */
export interface Renewal {
  readonly bootMs: number;
  readonly run: string;
}

/** The content of a machine's hello to another, in either direction, and its instant. */
export interface Greeted {
  readonly machine: Machine;
  readonly to: number;
  /** The hello, or the reply to one. */
  readonly body: string;
  readonly bootMs: number;
  readonly arrived: number;
  readonly run: string;
}

/** The first answer to an ask. */
interface Outcome {
  readonly reply: string;
  readonly bootMs: number;
  readonly mayBeForgotten?: true;
}

/** Dependencies of a judge. */
interface Judging {
  readonly nowMs: () => number;
  readonly happened: () => number;
  /** The machine that nobody can dial. */
  readonly hidden: number | null;
}

/** Judges one run. */
export class Judge {
  readonly violations: string[] = [];
  readonly waits: WaitJudge;
  readonly mail: MailJudge = mailJudge((what) => this.#say(what));
  readonly counts = {
    ...{ asks: 0, answers: 0, repeats: 0, confirms: 0, told: 0, verified: 0, compared: 0 },
    /** Calls that came over a connection of the called machine. */
    carried: 0,
  };
  /** Asks that no daemon made: their asker has no record. */
  readonly byHand = new Set<string>();
  readonly #nowMs: () => number;
  readonly #happened: () => number;
  readonly #renewals = new Map<string, Renewal>();
  readonly #releases = new Map<string, number>();
  readonly #revocations = new Map<string, number>();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #confirms = new Map<string, string[]>();
  readonly #heardMs = new Map<string, number>();
  readonly #hidden: number | null;

  constructor({ nowMs, happened, hidden }: Judging) {
    this.#happened = happened;
    this.#nowMs = nowMs;
    this.#hidden = hidden;
    this.waits = waitJudge({
      say: (what) => this.#say(what),
      isRevoked: (...of) => this.#isRevoked(...of),
      leftMs: (machine, name) => {
        const { daemon } = machine;
        const { bootMs } = machine.now();
        return this.#leftMs(name, { machine, bootMs, arrived: this.#happened(), run: daemon.run });
      },
      recordsOf: ({ disk }, more) =>
        disk.tables.audit.next({ afterSeq: 0, all: true, ...more }, 100_000),
    });
  }

  #say(what: string): void {
    this.violations.push(`${this.#nowMs()}: ${what}`);
  }

  /** A session renewed a name, or took it, by a request that arrived at an instant. */
  renewed(machine: Machine, name: string, by: Renewal): void {
    const known = this.#renewals.get(key(machine.index, name));
    // Of two in one commit the later may be told first.
    const isLater = known === undefined || known.run !== by.run || known.bootMs <= by.bootMs;
    if (isLater) this.#renewals.set(key(machine.index, name), by);
    this.#releases.delete(key(machine.index, name));
  }

  /** A name was released, and its user was told so. */
  released(machine: Machine, name: string, atEvent: number): void {
    this.#releases.set(key(machine.index, name), atEvent);
  }

  /** A machine no longer answers another, and its user was told so. */
  revoked(machine: Machine, peer: number, atEvent: number): void {
    this.#revocations.set(key(machine.index, peer), atEvent);
  }

  /** A machine may answer another again, by a grant. */
  granted(machine: Machine, peer: number): void {
    this.#revocations.delete(key(machine.index, peer));
  }

  /** A machine may answer another again, by a pairing: former answers may be forgotten. */
  restored(machine: Machine, peer: number): void {
    this.granted(machine, peer);
    for (const [asked, outcome] of this.#outcomes) {
      const isOf = asked.startsWith(key(machine.index, peer, ""));
      if (isOf) this.#outcomes.set(asked, { ...outcome, mayBeForgotten: true });
    }
  }

  /** An ask is answered with 200: the answer leaves now. */
  leaves({ machine, body, reply }: Replied): void {
    this.counts.answers += 1;
    const { thread_id } = JSON.parse(body);
    const isSealed = recordsOf(machine, thread_id).some(
      ({ direction, content_sha256 }) =>
        direction === "in" && content_sha256 === digest(reply.body),
    );
    if (!isSealed) this.#say(`an answer left without its record: ${thread_id}`);
  }

  /** The same, once everything that came before is known. */
  answered(answer: Replied): void {
    const { machine, from, body, bootMs, arrived } = answer;
    const { handle, ask_id } = JSON.parse(body);
    if (this.#leftMs(handle, answer) <= 0) {
      this.#say(`an expired lease was served: ${nameOf(machine.index)}/${handle}`);
    }
    if (this.#isRevoked(machine, from, arrived)) this.#say("a revoked peer was answered");
    const asked = key(machine.index, from, ask_id);
    const reply = answer.reply.body;
    const known = this.#outcomes.get(asked);
    // An answer that is remembered after all counts from its first time on.
    const isNew = known?.mayBeForgotten === true && known.reply !== reply;
    const before = isNew ? undefined : known;
    if (before === undefined) this.#outcomes.set(asked, { reply, bootMs });
    else if (bootMs - before.bootMs < askMemoryMs) {
      this.counts.repeats += 1;
      if (before.reply !== reply) this.#say(`a repeated ask had another outcome: ${ask_id}`);
    }
  }

  /** The time left of a lease for a request that arrived at an instant; zero or less is nothing. */
  #leftMs(handle: string, at: Pick<Greeted, "machine" | "bootMs" | "arrived" | "run">): number {
    const name = key(at.machine.index, handle);
    const renewal = this.#renewals.get(name);
    const isReleased = at.arrived > (this.#releases.get(name) ?? Number.POSITIVE_INFINITY);
    if (renewal === undefined || renewal.run !== at.run || isReleased) return 0;
    return renewal.bootMs + leaseLifeMs - at.bootMs;
  }

  #isRevoked(machine: Machine, peer: number, arrived: number): boolean {
    return arrived > (this.#revocations.get(key(machine.index, peer)) ?? Number.POSITIVE_INFINITY);
  }

  /** A hello or its reply leaves, and everything that came before is known. */
  greeted(greeted: Greeted): void {
    const { machine, to, body, arrived } = greeted;
    const { scopes, handles } = JSON.parse(body) as Pick<HelloOutput, "scopes" | "handles">;
    const mayAsk = scopes.includes("ask") && !this.#isRevoked(machine, to, arrived);
    if (handles === null) return;
    if (!mayAsk) this.#say("a hello told handles to a peer that may not ask");
    for (const { name, expires_in_ms } of handles) {
      this.counts.told += 1;
      const handle = `${nameOf(machine.index)}/${name}`;
      const leftMs = this.#leftMs(name, greeted);
      if (leftMs <= 0) this.#say(`a hello told a handle that is not live: ${handle}`);
      else if (expires_in_ms > leftMs) this.#say(`a hello told more than is left of ${handle}`);
    }
  }

  /** A confirm was evaluated. */
  confirmed(code: string, outcome: string): void {
    this.counts.confirms += 1;
    const list = [...(this.#confirms.get(code) ?? []), outcome];
    this.#confirms.set(code, list);
    if (list.length > attemptsMax) this.#say(`attempt ${list.length} at one code was evaluated`);
    const used = list.findIndex((each) => each === "paired" || each === "code_burned");
    if (used >= 0 && used < list.length - 1) this.#say("a code was tried after it was over");
  }

  /** A session on the asking side was told an answer. */
  told(asker: Machine, answerer: Machine, thread: string): void {
    const isOut = recordsOf(asker, thread).some(({ direction }) => direction === "out");
    if (!isOut) this.#say(`a session was told what its own trail does not hold: ${thread}`);
    const isIn = recordsOf(answerer, thread).some(
      ({ direction, outcome }) => direction === "in" && outcome === "ok",
    );
    if (!isIn) this.#say(`an answer without a record where it was given: ${thread}`);
  }

  /** Two machines proved to each other that they are there. */
  heard(one: number, other: number): void {
    this.#heardMs.set(key(...[one, other].sort()), this.#nowMs());
  }

  /** Looks at everything a machine keeps. */
  async inspect(machine: Machine, all: readonly Machine[]): Promise<void> {
    if (machine.daemon.isOver) return;
    this.counts.verified += 1;
    const verified = await machine.daemon.trail.verify();
    const name = nameOf(machine.index);
    if (!verified.ok) this.#say(`the chain of ${name} does not verify: ${verified.reason}`);
    if (!all.every((other) => other === machine || isWitness(other, machine))) {
      this.#say(`a witness keeps a head that ${name} never had`);
    }
    const trail = trailOf(machine);
    this.mail.inspect(machine, all);
    for (const flaw of [...flawsOf(trail), ...waitFlaws(trail)]) this.#say(flaw);
    this.links(machine);
  }

  /** Looks at everything once more, at the end of a run. */
  async end(machines: readonly Machine[]): Promise<void> {
    for (const machine of machines) await this.inspect(machine, machines);
    this.trails(machines);
  }

  /** Each machine compares its trail with the other's, at the end of a run. */
  trails(machines: readonly Machine[]): void {
    const arePaired = machines.every(({ disk }) => disk.tables.peers.all().length > 0);
    // One that sleeps, or whose disk is full, has yet to write what came of its last questions.
    const isLate = (one: Machine) => one.daemon.isOver || one.isAsleep || one.disk.isFull;
    if (!arePaired || machines.some(isLate)) return;
    for (const [machine, other] of [machines, machines.toReversed()]) {
      if (machine === undefined || other === undefined) return;
      const { flaws, count } = compared(machine, other, this.byHand);
      this.counts.compared += count;
      for (const flaw of flaws) this.#say(flaw);
    }
  }

  /** Looks at the links that a machine shows. */
  links(machine: Machine): void {
    if (machine.daemon.isOver) return;
    for (const peer of machine.daemon.context.tables.peers.all()) {
      const { link } = machine.daemon.memories.shown(peer, machine.now());
      const isHeard = this.linkEndsMs(machine.index, machineOf(peer.fingerprint)) > this.#nowMs();
      const isOver = link === "down" || link === "refused";
      if (!isOver && !isHeard) this.#say(`a link is ${link} on which nobody was heard`);
      const { dialled } = machine.daemon.memories.of(peer.fingerprint).link;
      const isHidden = machineOf(peer.fingerprint) === this.#hidden;
      if (isHidden && dialled === true)
        this.#say("a dial reached a machine that cannot be dialled");
    }
  }

  /** When the link of two machines ends unless they hear of each other before. */
  linkEndsMs(one: number, other: number): number {
    return (
      (this.#heardMs.get(key(...[one, other].sort())) ?? Number.NEGATIVE_INFINITY) + linkLifeMs
    );
  }
}

const key = (...parts: readonly unknown[]): string => parts.join(" ");

const trailOf = ({ disk }: Machine): readonly AuditRecord[] =>
  disk.tables.audit.next({ afterSeq: 0, all: true }, 100_000);

const recordsOf = ({ disk }: Machine, threadId: string): readonly AuditRecord[] =>
  disk.tables.audit.next({ afterSeq: 0, all: true, threadId }, 1_000);

/** A witness equals the trail that it was kept of. */
function isWitness(keeper: Machine, of: Machine): boolean {
  const kept = keeper.disk.tables.peers.get(identityOf(of.index).fingerprint)?.checkpoint ?? null;
  return kept === null || of.disk.tables.audit.at(kept.seq)?.hash === kept.hash;
}

/** Every answered peer was allowed to ask, and somebody held the handle: as the trail shows. */
function flawsOf(records: readonly AuditRecord[]): readonly string[] {
  const flaws: string[] = [];
  const granted = new Map<string | null, boolean>();
  const held = new Set<string | null>();
  for (const record of records) {
    const { seq, verb, outcome, direction, handle, peer_fingerprint: peer, details } = record;
    if (outcome !== "ok") continue;
    if (verb === "pair" || verb === "grant")
      granted.set(peer, /"scopes":\["ask"/.test(details ?? ""));
    if (verb === "unpair") granted.set(peer, false);
    if (verb === "activate") held.add(handle);
    if (verb === "deactivate" || verb === "expire") held.delete(handle);
    if (verb !== "ask" || direction !== "in") continue;
    if (granted.get(peer) !== true) flaws.push(`record ${seq}: a revoked peer was answered`);
    if (!held.has(handle)) flaws.push(`record ${seq}: nobody held ${handle}`);
  }
  return flaws;
}
