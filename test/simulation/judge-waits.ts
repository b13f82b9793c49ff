/**
 * The invariants of waits in a run. Remembers who may be told, what sessions told, and reads the
 * trails; knows nothing of how a wait is decided.
 */

import type { z } from "zod";
import type { AuditRecord } from "../../src/contract/audit.ts";
import { outboxFreshMs } from "../../src/contract/reach/limits.ts";
import type { Reached, Until, WaitEnd, WireWaitOutput } from "../../src/contract/reach/waits.ts";
import type { Machine, Replied } from "./machine.ts";
import { digest, nameOf } from "./who.ts";

/** Knowledge of the run that the invariants of waits need. */
export interface Known {
  readonly say: (what: string) => void;
  readonly isRevoked: (machine: Machine, peer: number, arrived: number) => boolean;
  /** The time left of a lease now; below zero when it is over. */
  readonly leftMs: (machine: Machine, name: string) => number;
  readonly recordsOf: (machine: Machine, more: object) => readonly AuditRecord[];
}

/** The end of a wait as its session was told it. */
export interface Ended {
  readonly asker: Machine;
  readonly answerer: Machine;
  readonly end: WaitEnd;
  readonly until: Until;
}

/** A report of a reached wait as it leaves. */
export interface Sent {
  readonly from: Machine;
  readonly to: number;
  readonly body: string;
  /** The number of events before it. */
  readonly happened: number;
}

/** The machine that is waited on, as a wait was asked for. */
export interface Since {
  /** The end of its trail. */
  readonly seq: number;
  /** True when somebody held the handle. */
  readonly isHeld: boolean;
}

/** Judges the waits of a run. */
export interface WaitJudge {
  readonly counts: { waits: number; reached: number; gone: number };
  /** A wait was asked for. */
  begun(waitId: string, since: Since): void;
  /** A machine asks another to wait. */
  asked(body: string): void;
  /** A machine answers a wait with 200. */
  answered(replied: Replied): void;
  /** A report of a reached wait leaves. */
  sent(sent: Sent): void;
  /** A session was told the end of its wait. */
  ended(ended: Ended): void;
  /** A wait was open although nothing kept its end from it. */
  lost(machine: Machine, waitId: string): void;
}

/** Makes a judge of waits. */
export function waitJudge({ say, isRevoked, leftMs, recordsOf }: Known): WaitJudge {
  const begunAt = new Map<string, Since>();
  const handles = new Map<string, string>();
  const counts = { waits: 0, reached: 0, gone: 0 };
  const of = (machine: Machine, waitId: string): readonly AuditRecord[] =>
    recordsOf(machine, {}).filter(({ subject_id }) => subject_id === waitId);
  const mustBeSealed = (machine: Machine, waitId: string, told: string): void => {
    const isSealed = of(machine, waitId).some(
      ({ direction, content_sha256 }) => direction === "in" && content_sha256 === digest(told),
    );
    if (!isSealed) say(`a fact of a wait left without its record: ${waitId}`);
  };
  return {
    counts,
    begun: (waitId, since) => {
      if (begunAt.has(waitId)) return;
      begunAt.set(waitId, since);
      counts.waits += 1;
    },
    asked: (body) => {
      const { wait_id, handle } = JSON.parse(body);
      handles.set(wait_id, handle);
    },
    answered: ({ machine, from, body, reply, arrived }) => {
      const { outcome, answer, since }: WireWaitOutput = JSON.parse(reply.body);
      if (answer === null && since === null) return;
      const { wait_id } = JSON.parse(body);
      mustBeSealed(machine, wait_id, reply.body);
      if (isRevoked(machine, from, arrived)) say(`a revoked peer was told a wait: ${outcome}`);
    },
    sent: ({ from, to, body, happened }) => {
      const { wait_id, answer }: z.infer<typeof Reached> = JSON.parse(body);
      mustBeSealed(from, wait_id, body);
      if (answer === null) return;
      if (isRevoked(from, to, happened)) say("a fact of a wait was told after its grant ended");
      const name = handles.get(wait_id) ?? "";
      if (leftMs(from, name) <= -outboxFreshMs) say(`a wait told of an expired lease: ${name}`);
    },
    ended: (ended) => {
      const { outcome, reason, wait_id } = ended.end;
      if (outcome === "reached") counts.reached += 1;
      if (reason === "gone") counts.gone += 1;
      for (const flaw of endFlaws(ended, { recordsOf, since: begunAt.get(wait_id) })) say(flaw);
    },
    lost: (machine, waitId) => say(`a wait of ${nameOf(machine.index)} is lost: ${waitId}`),
  };
}

interface Evidence extends Pick<Known, "recordsOf"> {
  readonly since: Since | undefined;
}

/** The flaws of an end: it is on record, and a handle that is gone was ended by something. */
function endFlaws(
  { asker, answerer, end, until }: Ended,
  { recordsOf, since }: Evidence,
): readonly string[] {
  const { wait_id, outcome, reason, handle } = end;
  const isRecorded = recordsOf(asker, {}).some(
    (record) => record.subject_id === wait_id && record.outcome === outcome,
  );
  if (!isRecorded) return [`a session was told an end that its trail does not hold: ${wait_id}`];
  if (reason !== "gone" || since?.isHeld !== true) return [];
  const hasEnded = recordsOf(answerer, { afterSeq: since.seq }).some(
    (record) =>
      nameIn(record.handle) === nameIn(handle) &&
      /^(expire|deactivate|activate)$/.test(record.verb),
  );
  return hasEnded ? [] : [`${until} ended as gone, and nothing ended ${handle}`];
}

const nameIn = (handle: string | null): string | undefined => handle?.split("/").at(-1);

/** Every wait ended once, by a machine that was paired, and told no peer without a grant. */
export function waitFlaws(records: readonly AuditRecord[]): readonly string[] {
  const flaws: string[] = [];
  const ends = new Map<string | null, string[]>();
  const granted = new Map<string | null, boolean>();
  for (const record of records) {
    const { seq, verb, outcome, direction, subject_id, harness, details } = record;
    const peer = record.peer_fingerprint;
    const isGrant = (verb === "pair" || verb === "grant") && outcome === "ok";
    if (isGrant) granted.set(peer, /"scopes":\["ask"/.test(details ?? ""));
    if (verb === "unpair" && outcome === "ok") granted.delete(peer);
    if (verb !== "wait") continue;
    if (direction === "in" && harness !== null && granted.get(peer) !== true) {
      flaws.push(`record ${seq}: a revoked peer was told a wait`);
    }
    if (direction === "out" && outcome === "reached" && !granted.has(peer)) {
      flaws.push(`record ${seq}: a machine that is not paired ended a wait`);
    }
    if (direction === "in" || outcome === "asked") continue;
    ends.set(subject_id, [...(ends.get(subject_id) ?? []), outcome]);
  }
  for (const [id, outcomes] of ends) {
    if (outcomes.length > 1) flaws.push(`a wait ended twice: ${id}: ${outcomes.join(", ")}`);
  }
  return flaws;
}
