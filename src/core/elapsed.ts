/**
 * Adds up the time that has elapsed over runs of the daemon and boots of the machine. A wall clock
 * that jumped moves it by at most a day, at a boot, and never back.
 */

import { elapsedOffMsMax } from "../contract/reach/limits.ts";

/** The time that had elapsed at an instant, as it was last written down. */
export interface Mark {
  readonly total_ms: number;
  /** The run of the daemon that wrote it. */
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

/** The time that has elapsed at an instant; zero where nothing was written down yet. */
export function elapsedMs(mark: Mark | null, at: Moment): number {
  if (mark === null) return 0;
  return Math.floor(mark.total_ms + sinceMark(mark, at));
}

function sinceMark(mark: Mark, at: Moment): number {
  const ranMs = at.bootMs - mark.boot_ms;
  if (mark.run === at.run || ranMs >= 0) return Math.max(0, ranMs);
  // The machine was started since: only the wall clock tells how long it was off.
  const offMs = Math.min(elapsedOffMsMax, Math.max(0, at.wallMs - mark.wall_ms));
  return Math.max(offMs, at.bootMs);
}

/** The time that has elapsed at an instant, to be written down. */
export const markAt = (mark: Mark | null, at: Moment): Mark => ({
  total_ms: elapsedMs(mark, at),
  run: at.run,
  boot_ms: at.bootMs,
  wall_ms: at.wallMs,
});
