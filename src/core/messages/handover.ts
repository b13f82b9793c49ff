/**
 * Decides what a session's events prove about the messages that it was given. A session may lose
 * its memory at any instant, and a hook may be lost: doubtful handovers are judged by the client's
 * own record. A lost handover's messages are given again; no other is.
 */

import { doubtMs, judgedAgainMs, searchTriesMax } from "../../contract/delivery/limits.ts";
import type { Turn } from "../../contract/delivery/turn.ts";
import type { Process } from "../../contract/lease.ts";
import { sameProcess } from "../sessions/lease.ts";

/** One session in one process: what a handover belongs to. */
export interface Reading {
  readonly harness: string;
  /** Null for a client that names none: such a session proves nothing. */
  readonly session_id: string | null;
  readonly process: Process;
}

/** `given`: the text left the daemon. `handed`: the client has it. `surfaced`: its model too. */
export type HandoverState = "given" | "handed" | "surfaced" | "lost";

/** One handing of messages to a session. Times are elapsed time. */
export interface Handover extends Reading {
  readonly nonce: string;
  /** The handle that the session held. */
  readonly name: string;
  /** The client's record of the session; null when no hook named one. */
  readonly record: string | null;
  /** The size of the record before the messages were given. */
  readonly mark: number;
  readonly state: HandoverState;
  readonly given_ms: number;
  /** When it surfaced or was lost. */
  readonly settled_ms: number | null;
  /** The reason for a look into the record; null while there is none. */
  readonly doubt: Doubt | null;
  /** When the doubt began. */
  readonly doubted_ms: number;
  /** True when a turn has ended since the doubt began, or began it. */
  readonly ended: boolean;
  /** Looks that gave no answer. */
  readonly tries: number;
}

/** `turn`: the turn went on without a proof. `resume`: the session came back from its record. */
export type Doubt = "turn" | "resume";

/** An event of the session that holds a handle. */
export interface Sign {
  readonly session: Reading;
  /** The handle that it holds. */
  readonly name: string;
  readonly turn: Pick<Turn, "moment" | "subagent" | "nonces">;
  /** The last event of this session before this one, in elapsed time; null for the first. */
  readonly heard_ms: number | null;
}

const isOpen = ({ state }: Handover): boolean => state === "given" || state === "handed";

const isOf = (handover: Handover, { session }: Sign): boolean =>
  session.session_id !== null &&
  handover.harness === session.harness &&
  handover.session_id === session.session_id;

/** A handover after an event; the same object when the event says nothing about it. */
export function follow(handover: Handover, sign: Sign, nowMs: number): Handover {
  if (handover.state === "lost") return handover;
  if (!isOf(handover, sign)) {
    // The next holder of the handle reads what its predecessor was not seen to read.
    const isSucceeded = handover.name === sign.name && isOpen(handover) && succeeds(sign);
    return isSucceeded ? lost(handover, nowMs) : handover;
  }
  if (isBack(handover, sign)) return doubted(moved(handover, sign), "resume", nowMs);
  return handover.doubt === "resume" ? awaiting(handover, sign) : going(handover, sign, nowMs);
}

/** True for an event of a session that its user is at: no late one of a past session. */
const succeeds = ({ turn }: Sign): boolean => !turn.subagent && begins.has(turn.moment);

const begins: ReadonlySet<Turn["moment"]> = new Set([
  ...(["startup", "resume", "clear", "prompt", "woken"] as const),
]);

/** True when the session goes on from its record: its end may be missing there. */
function isBack(handover: Handover, { session, turn, heard_ms }: Sign): boolean {
  if (turn.subagent || turn.moment === "compact" || turn.moment === "clear") return false;
  const isStart = turn.moment === "startup" || turn.moment === "resume";
  if (!isStart && sameProcess(handover.process, session.process)) return false;
  if (isOpen(handover)) return true;
  const settledMs = handover.settled_ms ?? 0;
  return heard_ms === null || settledMs >= heard_ms - judgedAgainMs;
}

const moved = (handover: Handover, { session }: Sign): Handover => ({
  ...handover,
  process: session.process,
});

/** A session that came back, before its record was read: an event proves nothing yet. */
const awaiting = (handover: Handover, { turn }: Sign): Handover =>
  turn.moment === "end" && !turn.subagent ? { ...handover, ended: true } : handover;

/** A session that goes on in one process. */
function going(handover: Handover, { turn }: Sign, nowMs: number): Handover {
  const isProof = turn.nonces.includes(handover.nonce);
  // A subagent's memory ends with it.
  if (turn.subagent) return isProof && isOpen(handover) ? lost(handover, nowMs) : handover;
  if (handover.state === "given") {
    if (isProof) return { ...handover, state: "handed", doubt: null };
    const ended = turn.moment === "end";
    if (!ended && turn.moment !== "prompt" && turn.moment !== "woken") return handover;
    if (handover.doubt === "turn") return ended ? { ...handover, ended } : handover;
    return { ...doubted(handover, "turn", nowMs), ended };
  }
  const surfaces = handover.state === "handed" && turn.moment === "end";
  return surfaces ? surfaced(handover, nowMs) : handover;
}

const doubted = (handover: Handover, doubt: Doubt, nowMs: number): Handover => ({
  ...handover,
  doubt,
  doubted_ms: nowMs,
  ended: false,
  tries: 0,
});

const surfaced = (handover: Handover, nowMs: number): Handover => ({
  ...handover,
  state: "surfaced",
  settled_ms: nowMs,
  doubt: null,
});

const lost = (handover: Handover, nowMs: number): Handover => ({
  ...handover,
  state: "lost",
  settled_ms: nowMs,
  doubt: null,
});

/** Milliseconds until a doubt is looked into; null without a doubt. */
export function judgedInMs({ doubt, doubted_ms }: Handover, nowMs: number): number | null {
  if (doubt === null) return null;
  // A client writes its record a moment after it has ended a turn; that of a past process is final.
  return doubt === "resume" ? 0 : Math.max(0, doubted_ms + doubtMs - nowMs);
}

/** The answer of a client's record; `unreadable` proves nothing, `unanswered` may come later. */
export type Verdict = "there" | "not_there" | "unreadable" | "unanswered";

/** A doubtful handover after a look into the record. */
export function judge(handover: Handover, verdict: Verdict, nowMs: number): Handover {
  if (handover.doubt === null) return handover;
  if (verdict === "unanswered" && handover.tries + 1 < searchTriesMax) {
    return { ...handover, tries: handover.tries + 1 };
  }
  if (verdict === "there") {
    if (handover.state === "surfaced") return { ...handover, doubt: null };
    return handover.ended
      ? surfaced(handover, nowMs)
      : { ...handover, state: "handed", doubt: null };
  }
  // It was proven to be read, and nothing contradicts that.
  if (handover.state === "surfaced" && verdict !== "not_there") return { ...handover, doubt: null };
  return lost(handover, nowMs);
}
