/** Decides when a home needs its keeper, and which keeper gives way to a later version. */

import { heartbeatMs, keeperPatienceMs } from "../contract/limits.ts";

/** The keeper's work besides renewing leases. */
export interface KeeperWork {
  readonly errands: number;
  /** True when the desktop shows notifications. */
  readonly notifies: boolean;
}

/** True when a keeper must run although no lease is live. */
export const isKeeperWanted = ({ errands, notifies }: KeeperWork): boolean =>
  errands > 0 || notifies;

/** Signs of the keeper, or of its absence. */
export interface KeeperSigns {
  readonly wanted: boolean;
  /** The time without a keeper that takes errands; null while one does. */
  readonly awayMs: number | null;
  /** The time since the earliest renewal of a live lease; null when there is none. */
  readonly unrenewedMs: number | null;
}

/**
 * The state of the keeper: null when nothing needs one. A newly started keeper gets a moment, and a
 * lease renewed within a beat has its keeper.
 */
export function keeperStanding(signs: KeeperSigns): "runs" | "missing" | null {
  const { wanted, awayMs, unrenewedMs } = signs;
  if (awayMs === null) return wanted ? "runs" : null;
  if (awayMs < keeperPatienceMs) return null;
  const isLate = unrenewedMs !== null && unrenewedMs > heartbeatMs + keeperPatienceMs;
  return wanted || isLate ? "missing" : null;
}

/** True when a version is lower than another; false when one of them is no version. */
export function isOlder(version: string, than: string): boolean {
  const [own, other] = [numbersOf(version), numbersOf(than)];
  if (own === null || other === null) return false;
  const at = own.findIndex((number, index) => number !== other[index]);
  return at >= 0 && (own[at] ?? 0) < (other[at] ?? 0);
}

function numbersOf(version: string): readonly number[] | null {
  const found = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:$|[-+])/.exec(version);
  return found === null ? null : found.slice(1).map(Number);
}
