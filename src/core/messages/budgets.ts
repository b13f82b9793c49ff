/**
 * Decides how many messages and wakes a handle takes without a person. The receiver's own rows
 * count; a peer's words never do. Budgets make a message quiet; none refuses it.
 */

import {
  budgetHourMs,
  hopsMax,
  messagesAlone,
  threadAlone,
  wakeGapMs,
  wakesAlone,
  wakesPerHour,
} from "../../contract/messages/limits.ts";
import type { By } from "../../contract/messages/message.ts";

/** Messages that a mailbox took, by its own rows. */
export interface Taken {
  /** Since a person last acted at the handle. */
  readonly sincePerson: number;
  /** Of the message's thread, in the last hour and since a person acted. */
  readonly thread: number;
}

/** True when a further message is over a budget: it is stored, and starts nothing. */
export const isOverBudget = ({ sincePerson, thread }: Taken): boolean =>
  sincePerson >= messagesAlone || thread >= threadAlone;

/** Wakes of a mailbox since a person last acted at the handle, oldest first, in elapsed time. */
export type Wakes = readonly number[];

/**
 * Milliseconds until a handle may be woken; 0 now, null not before a person acts.
 */
export function wakesInMs(wakes: Wakes, nowMs: number): number | null {
  if (wakes.length >= wakesAlone) return null;
  const last = wakes.at(-1) ?? Number.NEGATIVE_INFINITY;
  const gap = last + wakeGapMs - nowMs;
  const oldestOfHour = wakes.at(-wakesPerHour) ?? Number.NEGATIVE_INFINITY;
  return Math.max(0, gap, oldestOfHour + budgetHourMs - nowMs);
}

/** The row from which a message's hops are counted. */
export interface Former {
  readonly hops: number;
  readonly stored_ms: number;
}

/** The rows before a message, at this end. */
export interface Before {
  /** The message that it answers, as this machine stored it. */
  readonly repliedTo: Former | null;
  /** The latest message that went the other way between the same two handles. */
  readonly otherWay: Former | null;
  /** When a person last acted at the handle of this end. */
  readonly personMs: number | null;
}

/**
 * The hops of a message: one more than the message before it that went the other way. A person's
 * act at this end begins again.
 */
export function hopsOf({ repliedTo, otherWay, personMs }: Before, nowMs: number): number {
  const isRecent = otherWay !== null && nowMs - otherWay.stored_ms < budgetHourMs;
  const former = [repliedTo, isRecent ? otherWay : null].filter((each) => each !== null);
  const counted = former.filter(({ stored_ms }) => personMs === null || stored_ms > personMs);
  return Math.max(0, ...counted.map(({ hops }) => hops + 1));
}

/** The hops of a message of this end: a person's own begin a chain. */
export const ownHops = (by: By, before: Before, nowMs: number): number =>
  by === "person" ? 0 : hopsOf(before, nowMs);

/** True when a chain of answers without a person is too long. */
export const areHopsSpent = (hops: number): boolean => hops > hopsMax;
