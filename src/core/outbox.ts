/**
 * Decides which outbox entry leaves next, the meaning of a reply for an entry, and whether another
 * entry fits. Does not know the entries' content.
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
import type { EntryKind, Lane } from "../contract/reach/outbox.ts";
import type { Scope } from "../contract/terms.ts";

/** An entry without its content. Times are elapsed time. */
export interface EntryHead {
  readonly id: string;
  readonly fingerprint: string;
  readonly kind: EntryKind;
  readonly lane: Lane;
  /** Lower ranks leave first. */
  readonly rank: number;
  /** The thread, task or wait whose entries leave in order. */
  readonly subject_id: string;
  /** The scope without which the entry is dropped; null needs none. */
  readonly scope: Scope | null;
  /** The session that caused a text entry. */
  readonly session: string | null;
  /** Increments when the entry is replaced. */
  readonly version: number;
  readonly bytes: number;
  readonly queued_ms: number;
  readonly failures: number;
  readonly first_failure_ms: number | null;
  readonly stuck: boolean;
}

/** Counts of the entries that already wait. */
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

/** The key of a queue within which entries leave in order. */
const keyOf = ({ lane, subject_id }: Pick<EntryHead, "lane" | "subject_id">): string =>
  `${lane} ${subject_id}`;

/** The state of a peer's queue, besides its entries. */
export interface Sending {
  /** Ids of the entries that are being sent. */
  readonly underWay: ReadonlySet<string>;
  /** True while an entry may not be tried. */
  readonly isPaused: (entry: EntryHead) => boolean;
}

/**
 * The entries that may leave, from a peer's entries in the order of rank and queueing. Of each
 * subject only the first may; a blocked subject does not block the others.
 */
export function* leaving(entries: Iterable<EntryHead>, sending: Sending): Generator<EntryHead> {
  const begun = new Set<string>();
  for (const entry of entries) {
    const key = keyOf(entry);
    if (begun.has(key)) continue;
    begun.add(key);
    if (!sending.underWay.has(entry.id) && !sending.isPaused(entry)) yield entry;
  }
}

/**
 * The fate of an entry by the reply to its call. `done` and `refused` end it. `credential` waits
 * for the next successful hello; `slower` and `unreached` pause the peer, `failed` pauses the
 * entry.
 */
export type Fate = "done" | "refused" | "credential" | "slower" | "unreached" | "failed";

/** Error codes for calls without a reply from the peer. */
const noReply: ReadonlySet<ErrorCode> = new Set([
  "peer_unreachable",
  "peer_timeout",
  "fingerprint_mismatch",
]);

/** The fate of an entry; null means that the reply accepts it. */
export function fateOf(code: ErrorCode | null): Fate {
  if (code === null) return "done";
  if (code === "peer_refused" || code === "unauthenticated") return "credential";
  if (noReply.has(code)) return "unreached";
  const status = errorTable[code].status ?? 500;
  if (status === 429) return "slower";
  // A peer in the middle of an update may send a reply that this version cannot read.
  return status >= 500 || code === "version_unsupported" ? "failed" : "refused";
}

/** The pause after that many consecutive failures. */
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

/** The time before an entry is tried again after a failure of the peer itself. */
export const restMs = ({ stuck, failures }: EntryHead): number =>
  stuck ? outboxStuckMs : pauseMs(failures);

/** The time left before an entry is given up; never below zero. */
export const leftMs = ({ queued_ms }: Pick<EntryHead, "queued_ms">, elapsedMs: number): number =>
  Math.max(0, queued_ms + outboxLifeMs - elapsedMs);
