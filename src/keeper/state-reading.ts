/**
 * Decides which state from a harness's own file goes to the daemon: a newer one, and sometimes one
 * that still holds. Pure.
 */

import type { KeptLease, State } from "../contract/lease.ts";
import { stateRepeatMs } from "../contract/limits.ts";
import type { ToldState } from "../session/claude-state.ts";

/** A state, and its age. */
export interface Observed {
  readonly state: State;
  readonly age_ms: number;
}

/** A session's state in its file, and the time of the reading by the wall clock. */
export interface StateReading {
  readonly told: ToldState | null;
  /** Before the file was opened. */
  readonly readAtMs: number;
  readonly nowMs: number;
  /** Milliseconds since the daemon told the lease: the last report is older by them. */
  readonly sinceToldMs: number;
}

/** The daemon's update of a lease's state; null when it knows the state, or the file has none. */
export function observedOf(
  lease: Pick<KeptLease, "session_id" | "state" | "state_age_ms">,
  { told, readAtMs, nowMs, sinceToldMs }: StateReading,
): Observed | null {
  if (told === null || told.session_id !== lease.session_id) return null;
  const { state, since_ms } = told;
  const age_ms = Math.ceil(nowMs - since_ms);
  // After the clock was set back, every file looks newer than the last report.
  if (age_ms < 0) return null;
  const heardAgeMs = (lease.state_age_ms ?? Number.POSITIVE_INFINITY) + sinceToldMs;
  if (state !== lease.state) return age_ms < heardAgeMs ? { state, age_ms } : null;
  if (state === "idle" || heardAgeMs < stateRepeatMs) return null;
  return { state, age_ms: Math.max(0, Math.ceil(nowMs - readAtMs)) };
}
