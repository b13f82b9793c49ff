/**
 * Decides whether one peer's requests came alternately from two addresses, as after a copy of its
 * state folder. A peer that merely moved uses one address, then another.
 */

import { linkLifeMs, sightingsMax } from "../../contract/limits.ts";

/** An address from which a peer's authenticated requests came. Times are boot time. */
export interface Sighting {
  readonly address: string;
  readonly first_boot_ms: number;
  readonly last_boot_ms: number;
}

/**
 * The sightings of a peer after one more request; addresses silent for a link's life are dropped.
 */
export function sight(
  sightings: readonly Sighting[],
  address: string,
  bootMs: number,
): readonly Sighting[] {
  const recent = sightings.filter((each) => bootMs - each.last_boot_ms < linkLifeMs);
  const known = recent.find((each) => each.address === address);
  const seen = { address, first_boot_ms: known?.first_boot_ms ?? bootMs, last_boot_ms: bootMs };
  return [...recent.filter((each) => each !== known), seen].slice(-sightingsMax);
}

/** The addresses that alternate: each was used before another began, and again after. */
export function inTurns(sightings: readonly Sighting[], bootMs: number): readonly string[] {
  const recent = sightings.filter((each) => bootMs - each.last_boot_ms < linkLifeMs);
  const isAmong = (one: Sighting): boolean =>
    recent.some((other) => one !== other && (spans(one, other) || spans(other, one)));
  return recent
    .filter(isAmong)
    .map(({ address }) => address)
    .sort();
}

/** True when one address was used before the other began, and again after. */
const spans = (one: Sighting, other: Sighting): boolean =>
  one.first_boot_ms < other.first_boot_ms && other.first_boot_ms < one.last_boot_ms;
