/**
 * Rates of one peer's calls, each with its reason. Each rate has a bucket of its own, so that a
 * large transfer delays no message, and no message delays an ask. Loads nothing.
 */

import { asksBurstMax, asksPerSecondMax } from "../limits.ts";

/** Calls in a second, sustained, and the calls at once before that counts. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** The rates of the wire table. */
export const rates = {
  /** Asks, hellos, waits and exchanges: a few for each session, at the pace of people. */
  asks: { perSecond: asksPerSecondMax, burst: asksBurstMax },
  /** Messages, receipts, reached waits and events of tasks: a full outbox empties in a minute. */
  mail: { perSecond: 50, burst: 100 },
  /** Reads and pieces of a blob: at 44 KiB a piece, over 4 MiB/s. */
  pieces: { perSecond: 100, burst: 200 },
} as const satisfies Readonly<Record<string, RateLimit>>;

/** Reads among a peer's answers of a day: a peer that reads all day may still ask and write. */
export const readAnswersMax = 15_000;

/** A rate that a row of the wire table counts against. */
export type Rate = keyof typeof rates;
