/**
 * Decides about machines that are trusted by their fingerprints: whose meeting is answered, who
 * calls first, and when an expectation ends. Times are elapsed time.
 */

import { expectedLifeMs, meetAgainMs } from "../contract/trust/limits.ts";
import type { TrustedMachine } from "../contract/trust/trust.ts";
import { type At, type Grants, noGrants, withEntries } from "./grants.ts";

/** A machine that a person trusts by its fingerprint. */
export interface ExpectedRow {
  readonly fingerprint: string;
  readonly name: string | null;
  readonly host: string | null;
  readonly port: number | null;
  /** The rights that it gets when it meets this machine. */
  readonly given: Pick<TrustedMachine, "entries" | "mine">;
  readonly since_ms: number;
  /** The time of the meeting; null before. */
  readonly met_ms: number | null;
  /**
   * The token of the meeting: both machines may call at once, and each then gives the same token in
   * either role.
   */
  readonly jti: string | null;
  readonly issued_at_ms: number | null;
}

/** The peer of an expectation as far as it matters; null without one. */
export type MetPeer = { readonly acknowledged: boolean; readonly refused: boolean } | null;

/** The rights of an expected machine, at the instant of the meeting. */
export const grantsOfGiven = (given: ExpectedRow["given"], at: At): Grants =>
  withEntries(noGrants, { ...given, hide: [], for_ms: null }, at);

/** True while a meeting is answered: it is expected, or its reply may have been lost. */
export function isMeetable(row: ExpectedRow, peer: MetPeer, elapsedMs: number): boolean {
  if (row.met_ms === null) return elapsedMs - row.since_ms < expectedLifeMs;
  return peer !== null && (!peer.acknowledged || elapsedMs - row.met_ms < meetAgainMs);
}

/** True while this machine calls: no peer of that key is there and accepts it. */
export function isToCall(row: ExpectedRow, peer: MetPeer, elapsedMs: number): boolean {
  if (!isMeetable(row, peer, elapsedMs)) return false;
  return peer === null || !peer.acknowledged || (row.met_ms === null && peer.refused);
}

/** True once a row has no use any more. */
export const isSpent = (row: ExpectedRow, peer: MetPeer, elapsedMs: number): boolean =>
  !isMeetable(row, peer, elapsedMs);

/** True for the machine that calls at once; the other one waits. */
export const callsFirst = (own: string, other: string): boolean => own < other;
