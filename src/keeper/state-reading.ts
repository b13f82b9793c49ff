/**
 * Decides what of a state that a harness's own file tells is handed to the daemon: what is newer
 * than what was heard last, and now and then what still holds. Pure.
 */

import type { KeptLease, State } from "../contract/lease.ts";
import { stateRepeatMs } from "../contract/limits.ts";
import type { ToldState } from "../session/claude-state.ts";

/** A state, and how long ago it was seen. */
export interface Observed {
  readonly state: State;
  readonly age_ms: number;
}

/** What was read of a session's state, and when by the wall clock. */
export interface StateReading {
  readonly told: ToldState | null;
  /** Before the file was opened. */
  readonly readAtMs: number;
  readonly nowMs: number;
}

/** What the daemon is told of a lease's state; null where it knows, or the file says nothing. */
export function observedOf(
  lease: Pick<KeptLease, "session_id" | "state" | "state_age_ms">,
  { told, readAtMs, nowMs }: StateReading,
): Observed | null {
  if (told === null || told.session_id !== lease.session_id) return null;
  const { state, since_ms } = told;
  const age_ms = Math.ceil(nowMs - since_ms);
  // A clock that was set back makes every file newer than what was heard.
  if (age_ms < 0) return null;
  const heardAgeMs = lease.state_age_ms ?? Number.POSITIVE_INFINITY;
  if (state !== lease.state) return age_ms < heardAgeMs ? { state, age_ms } : null;
  if (state === "idle" || heardAgeMs < stateRepeatMs) return null;
  return { state, age_ms: Math.max(0, Math.ceil(nowMs - readAtMs)) };
}
