/** Decides when a home needs its keeper, and which keeper has to make room for a later version. */

import { heartbeatMs, keeperPatienceMs } from "../contract/limits.ts";

/** The work there is for a keeper besides renewing leases. */
export interface KeeperWork {
  readonly errands: number;
  /** True where notifications are shown on the desktop. */
  readonly notifies: boolean;
}

/** True where a keeper has to be there though no lease is live. */
export const isKeeperWanted = ({ errands, notifies }: KeeperWork): boolean =>
  errands > 0 || notifies;

/** Signs of the keeper, or of its absence. */
export interface KeeperSigns {
  readonly wanted: boolean;
  /** The time for which no keeper has taken errands; null while one does. */
  readonly awayMs: number | null;
  /** The time since the renewal of the live lease that was renewed first; null without one. */
  readonly unrenewedMs: number | null;
}

/**
 * The standing of the keeper: null where nothing needs it. A keeper that was just started has a
 * moment, and a lease that was renewed within a beat has somebody who renews it.
 */
export function keeperStanding(signs: KeeperSigns): "runs" | "missing" | null {
  const { wanted, awayMs, unrenewedMs } = signs;
  if (awayMs === null) return wanted ? "runs" : null;
  if (awayMs < keeperPatienceMs) return null;
  const isLate = unrenewedMs !== null && unrenewedMs > heartbeatMs + keeperPatienceMs;
  return wanted || isLate ? "missing" : null;
}

/** True where a version is lower than another; false where one of them is no version. */
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
