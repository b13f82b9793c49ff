/**
 * Decides when a peer no longer accepts this machine. One rejected credential proves little: an
 * exchange of tokens in either direction may have overtaken it. Pure.
 */

import { exchangeCalmMs, rejectionGapMs } from "../../contract/limits/reverse.ts";

/** A call that the peer's proven key did not accept. Times are monotonic. */
export interface Rejection {
  /** The credential that the row held then. */
  readonly bearer: string;
  readonly atMs: number;
}

/** The facts beside a rejection. */
export interface Rejected {
  /** The first rejection since the last accepted call; null before one. */
  readonly first: Rejection | null;
  /** The end of the last exchange with that peer, of either side; null before one. */
  readonly exchangedMs: number | null;
}

/** The first rejection that counts from now on, and whether this is the second one. */
export function judged(
  { first, exchangedMs }: Rejected,
  next: Rejection,
): { readonly first: Rejection | null; readonly isRefused: boolean } {
  const isCalm = exchangedMs === null || next.atMs - exchangedMs >= exchangeCalmMs;
  if (!isCalm) return { first: null, isRefused: false };
  if (first === null || first.bearer !== next.bearer) return { first: next, isRefused: false };
  return { first, isRefused: next.atMs - first.atMs >= rejectionGapMs };
}
