/**
 * Decides how long housekeeping may rest. Knows only when each task is due. No request is served or
 * refused by it, since every state is derived from facts at an instant.
 */

import { sweepMs, sweepRestMsMax } from "../contract/limits.ts";
import { waitGoneMs } from "../contract/reach/limits.ts";

/**
 * The rest in ms until the first task is due, from the times until each; overdue ones are below
 * zero.
 */
export const restMs = (dueInMs: readonly number[]): number =>
  Math.min(Math.max(Math.min(...dueInMs), sweepMs), sweepRestMsMax);

/**
 * Milliseconds until the first of some expired leases counts as gone, by the instants at which they
 * expired: nobody can take it again, and those who wait for its end learn of it.
 */
export const goneInMs = (expiredBootMs: readonly number[], bootMs: number): number =>
  Math.min(...expiredBootMs.map((ms) => ms + waitGoneMs - bootMs).filter((ms) => ms > 0));
