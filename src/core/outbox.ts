/**
 * Decides what of the outbox leaves next, what a reply means for an entry, and whether there is
 * room for another. Knows nothing of what an entry tells.
 */

import { accept, type ErrorCode, errorTable, type Outcome, refuse } from "../contract/errors.ts";
import {
  outboxBytesMax,
  outboxControlBytesMax,
  outboxControlMax,
  outboxEntryBytesMax,
  outboxFailuresMax,
  outboxLifeMs,
  outboxPauseMs,
  outboxPauseMsMax,
  outboxPeerBytesMax,
  outboxSessionMax,
  outboxStuckMs,
  outboxTextMax,
} from "../contract/reach/limits.ts";
import type { Lane } from "../contract/reach/outbox.ts";
import type { Scope } from "../contract/terms.ts";

/** An entry without what it tells. Times are elapsed time. */
export interface EntryHead {
  readonly id: string;
  readonly fingerprint: string;
  readonly kind: string;
  readonly lane: Lane;
  /** Lower ranks leave first. */
  readonly rank: number;
  /** The thread, task or wait whose entries leave in order. */
  readonly subject_id: string;
  /** The scope without which the entry is dropped; null needs none. */
  readonly scope: Scope | null;
  /** The session that caused it, where it is text. */
  readonly session: string | null;
  /** An entry that was replaced has the next one. */
  readonly version: number;
  readonly bytes: number;
  readonly queued_ms: number;
  readonly failures: number;
  readonly first_failure_ms: number | null;
  readonly stuck: boolean;
}

/** The entries that wait already, counted. */
export interface Queued {
  /** Entries of the peer's control lane. */
  readonly control: number;
  /** Entries of the peer's text lane. */
  readonly text: number;
  /** Bytes of the peer's text lane. */
  readonly textBytes: number;
  /** Text entries of the session, to every peer. */
  readonly session: number;
  /** Bytes of every peer's text lane. */
  readonly allBytes: number;
}

/** Admits an entry to its lane. Refuses with {outbox_full} {body_too_large}. */
export function room(
  queued: Queued,
  { lane, bytes }: Pick<EntryHead, "lane" | "bytes">,
): Outcome<void> {
  const isControl = lane === "control";
  if (bytes > (isControl ? outboxControlBytesMax : outboxEntryBytesMax)) {
    return refuse("body_too_large");
  }
  if (isControl) return queued.control < outboxControlMax ? accept(undefined) : full("peer");
  if (queued.session >= outboxSessionMax) return full("session");
  const isPeerFull = queued.text >= outboxTextMax || queued.textBytes + bytes > outboxPeerBytesMax;
  if (isPeerFull) return full("peer");
  return queued.allBytes + bytes > outboxBytesMax ? full("machine") : accept(undefined);
}

const fullTexts = {
  peer: "too much waits for that peer",
  session: "128 texts of this session have not left yet",
  machine: "too much waits for all peers together",
} as const;

const full = (of: keyof typeof fullTexts): Outcome<never> =>
  refuse("outbox_full", { message: fullTexts[of], details: { full: of } });

/** The entries that hold up their subject: each entry behind one of them waits. */
const keyOf = ({ lane, subject_id }: Pick<EntryHead, "lane" | "subject_id">): string =>
  `${lane} ${subject_id}`;

/** Facts about a peer's queue besides its entries. */
export interface Sending {
  /** Ids of the entries that are under way. */
  readonly underWay: ReadonlySet<string>;
  /** True while an entry may not be tried. */
  readonly isPaused: (entry: EntryHead) => boolean;
}

/**
 * The entries that may leave, of a peer's entries in the order of rank and queueing. Of each
 * subject only its first may; whatever holds one subject up, the others go on.
 */
export function leaving(entries: Iterable<EntryHead>, sending: Sending): readonly EntryHead[] {
  const begun = new Set<string>();
  const found: EntryHead[] = [];
  for (const entry of entries) {
    const key = keyOf(entry);
    if (begun.has(key)) continue;
    begun.add(key);
    if (!sending.underWay.has(entry.id) && !sending.isPaused(entry)) found.push(entry);
  }
  return found;
}

/**
 * The fate of an entry by the reply to its call. `done` and `refused` end it. `credential` waits
 * for the next hello that succeeds, `slower` and `unreached` pause the peer, `failed` the entry.
 */
export type Fate = "done" | "refused" | "credential" | "slower" | "unreached" | "failed";

/** Codes that say that no reply came from the peer. */
const noReply: ReadonlySet<ErrorCode> = new Set([
  "peer_unreachable",
  "peer_timeout",
  "fingerprint_mismatch",
]);

/** The fate of an entry; null is a reply that accepts it. */
export function fateOf(code: ErrorCode | null): Fate {
  if (code === null) return "done";
  if (code === "peer_refused" || code === "unauthenticated") return "credential";
  if (noReply.has(code)) return "unreached";
  const status = errorTable[code].status ?? 500;
  if (status === 429) return "slower";
  // A reply that this version cannot read may come of a version between two updates.
  return status >= 500 || code === "version_unsupported" ? "failed" : "refused";
}

/** The pause after so many calls in succession that came to nothing. */
export const pauseMs = (failures: number): number =>
  Math.min(outboxPauseMsMax, outboxPauseMs * 2 ** Math.min(Math.max(0, failures - 1), 10));

/** An entry after one more failure of the peer itself. */
export function afterFailure<E extends EntryHead>(entry: E, elapsedMs: number): E {
  const failures = entry.failures + 1;
  const first_failure_ms = entry.first_failure_ms ?? elapsedMs;
  const isLong = elapsedMs - first_failure_ms >= outboxStuckMs;
  const stuck = entry.stuck || (failures >= outboxFailuresMax && isLong);
  return { ...entry, failures, first_failure_ms, stuck };
}

/** The rest of an entry after a failure of the peer itself. */
export const restMs = ({ stuck, failures }: EntryHead): number =>
  stuck ? outboxStuckMs : pauseMs(failures);

/** The time that an entry still waits before it is given up; never below zero. */
export const leftMs = ({ queued_ms }: Pick<EntryHead, "queued_ms">, elapsedMs: number): number =>
  Math.max(0, queued_ms + outboxLifeMs - elapsedMs);
