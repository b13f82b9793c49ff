/**
 * Decides who makes place when there is not enough of it, and how fast a peer may ask. Refusing
 * newcomers would let whoever came first starve everyone else.
 */

import { asksBurstMax, asksPerSecondMax, refusalSourcesPerMinuteMax } from "../contract/limits.ts";

/** Something that takes one place, for an address, since an instant. */
export interface Occupant {
  readonly address: string;
  readonly since: number;
}

/**
 * The oldest occupant of the address that holds most places; of several such addresses, of that
 * with the oldest occupant. Among equals the first that is given yields.
 */
export function displaced<O extends Occupant>(occupants: Iterable<O>): O | null {
  const byAddress = new Map<string, { count: number; oldest: O }>();
  for (const occupant of occupants) {
    const held = byAddress.get(occupant.address);
    if (held === undefined) byAddress.set(occupant.address, { count: 1, oldest: occupant });
    else {
      held.count += 1;
      if (occupant.since < held.oldest.since) held.oldest = occupant;
    }
  }
  let yields: { count: number; oldest: O } | null = null;
  for (const held of byAddress.values()) {
    const more = yields === null || held.count > yields.count;
    const older = yields?.count === held.count && held.oldest.since < yields.oldest.since;
    if (more || older) yields = held;
  }
  return yields?.oldest ?? null;
}

/** A token bucket (RFC 2697's idea): what was left, and when. */
export interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

/** A bucket after one more ask, and whether that ask may pass. */
export function takeAsk(bucket: Bucket | undefined, nowMs: number): Bucket & { passes: boolean } {
  const gained = bucket === undefined ? 0 : ((nowMs - bucket.atMs) / 1_000) * asksPerSecondMax;
  const left = Math.min(asksBurstMax, (bucket?.left ?? asksBurstMax) + Math.max(0, gained));
  return left >= 1
    ? { left: left - 1, atMs: nowMs, passes: true }
    : { left, atMs: nowMs, passes: false };
}

/** Refusals in the minute under way, by source; what is past the bound is summed. */
export interface Refusals {
  readonly counts: ReadonlyMap<string, number>;
  readonly rest: number;
}

/** No refusals yet. */
export const noRefusals: Refusals = { counts: new Map(), rest: 0 };

/** The counts after one more refusal of a source. */
export function countRefusal(refusals: Refusals, address: string): Refusals {
  const count = refusals.counts.get(address);
  // One place is the rest's: its sum is a record as well.
  if (count === undefined && refusals.counts.size >= refusalSourcesPerMinuteMax - 1) {
    return { ...refusals, rest: refusals.rest + 1 };
  }
  const counts = new Map(refusals.counts);
  counts.set(address, (count ?? 0) + 1);
  return { ...refusals, counts };
}
