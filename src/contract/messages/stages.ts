/** The stages of a message, and what comes next of one. Loads nothing. */

import { ways } from "../delivery/ways.ts";

/**
 * Every stage. The first seven are reached in this order, though some may be left out; each is
 * shown only with its evidence. `refused` and `expired` end a message that nobody read.
 */
export const stages = [
  /** The sender's daemon has it, durably. */
  "queued",
  /** The other daemon has it, and keeps it for its person. */
  "held",
  /** The other daemon has it. */
  "stored",
  /** A session that holds the handle was told that messages wait, and went on. */
  "announced",
  /** The session's program has the text. */
  "handed",
  /** The model answered with the text in its context. */
  "surfaced",
  /** A message with `reply_to` of it is stored. */
  "answered",
  "refused",
  "expired",
] as const;
export type StageWord = (typeof stages)[number];

/** The stages that a peer without the scope `ask` on a handle learns of. */
export const plainStages: ReadonlySet<StageWord> = new Set([
  "stored",
  "held",
  "answered",
  "refused",
  "expired",
]);

/** The reasons of a refusal or of an expiry, as they stand in receipts and records. */
export const stageReasons = [
  /** The chain of answers without a person is too long. */
  "hops",
  /** A person refused it. */
  "person",
  /** The mailbox has no place. */
  "full",
  /** The pairing ended. */
  "unpaired",
  /** Nobody read it in time. */
  "unread",
  /** No person approved it in time. */
  "held",
  /** No handle of that name is known to the sender. */
  "unknown",
  /** The sender lacks the right. */
  "grant",
  /** It did not reach the peer in time. */
  "unsent",
  /** A person here dropped it from the outbox. */
  "dropped",
  /** The other machine took it, and was then restored from an older state. */
  "restored",
  /** The other machine refuses it for another reason. */
  "other",
] as const;
export type ReasonWord = (typeof stageReasons)[number];

/** The next thing that happens to a stored message: its way, or it waits for other mail. */
export const nexts = [...ways, "quiet"] as const;
export type NextWord = (typeof nexts)[number];
