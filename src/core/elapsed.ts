/**
 * Adds up the time that has elapsed over runs of the daemon and boots of the machine. A jump of the
 * wall clock adds at most a day, only at a boot, and never subtracts.
 */

import { elapsedOffMsMax } from "../contract/reach/limits.ts";

/** The elapsed time at an instant, as last saved. */
export interface Mark {
  readonly total_ms: number;
  /** The run of the daemon that saved it. */
  readonly run: string;
  readonly boot_ms: number;
  readonly wall_ms: number;
}

/** An instant in a run of the daemon. */
export interface Moment {
  readonly run: string;
  readonly bootMs: number;
  readonly wallMs: number;
}

/** The elapsed time at an instant; zero when none was saved yet. */
export function elapsedMs(mark: Mark | null, at: Moment): number {
  if (mark === null) return 0;
  return Math.floor(mark.total_ms + sinceMark(mark, at));
}

function sinceMark(mark: Mark, at: Moment): number {
  const ranMs = at.bootMs - mark.boot_ms;
  if (mark.run === at.run || ranMs >= 0) return Math.max(0, ranMs);
  // The machine has booted since: only the wall clock shows how long it was off.
  const offMs = Math.min(elapsedOffMsMax, Math.max(0, at.wallMs - mark.wall_ms));
  return Math.max(offMs, at.bootMs);
}

/** The elapsed time at an instant, in the form to save. */
export const markAt = (mark: Mark | null, at: Moment): Mark => ({
  total_ms: elapsedMs(mark, at),
  run: at.run,
  boot_ms: at.bootMs,
  wall_ms: at.wallMs,
});
