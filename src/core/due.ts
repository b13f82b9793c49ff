/**
 * Decides how long housekeeping may rest. Knows only when each task is due. No request is served or
 * refused by it, since every state is derived from facts at an instant.
 */

import { sweepMs, sweepRestMsMax } from "../contract/limits.ts";

/**
 * The rest in ms until the first task is due, from the times until each; overdue ones are below
 * zero.
 */
export const restMs = (dueInMs: readonly number[]): number =>
  Math.min(Math.max(Math.min(...dueInMs), sweepMs), sweepRestMsMax);
