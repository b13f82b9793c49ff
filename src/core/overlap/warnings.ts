/**
 * Decides whether an edit is worth a warning: once a file and hour for a session, a few lines an
 * hour, and a few a day for each peer, which could claim to have changed every file. Pure.
 */

import { warningsPerHourMax, warningsPerPeerMax } from "../../contract/overlap/limits.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A warning that was given. Times are boot time. */
export interface Given {
  readonly session: string;
  readonly path: string;
  /** The fingerprint of the peer whose session changed the file; null for one of this machine. */
  readonly peer: string | null;
  readonly atMs: number;
}

/** True when a session may be warned about a file now. */
export function mayWarn(given: readonly Given[], next: Given): boolean {
  const within = (ms: number) => given.filter(({ atMs }) => next.atMs - atMs < ms);
  const ofSession = within(hourMs).filter(({ session }) => session === next.session);
  if (ofSession.some(({ path }) => path === next.path)) return false;
  if (ofSession.length >= warningsPerHourMax) return false;
  if (next.peer === null) return true;
  return within(dayMs).filter(({ peer }) => peer === next.peer).length < warningsPerPeerMax;
}

/** The warnings that still count. */
export const recent = (given: readonly Given[], nowMs: number): readonly Given[] =>
  given.filter(({ atMs }) => nowMs - atMs < dayMs);
