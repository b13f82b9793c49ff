/**
 * Decides how long housekeeping may rest. Knows only in how long each thing is due: nothing is
 * served or refused by it, since every state is derived from facts at an instant.
 */

import { sweepMs, sweepRestMsMax } from "../contract/limits.ts";

/** How long to rest, from the times in ms until each thing is due; overdue ones are below zero. */
export const restMs = (dueInMs: readonly number[]): number =>
  Math.min(Math.max(Math.min(...dueInMs), sweepMs), sweepRestMsMax);
