/**
 * Decides whether one peer was heard from two places in turns, as it is when its state folder was
 * copied. A peer that merely moved is heard from one place, then from another.
 */

import { linkLifeMs, sightingsMax } from "../../contract/limits.ts";

/** An address that a peer's authenticated requests came from. Times are boot time. */
export interface Sighting {
  readonly address: string;
  readonly first_boot_ms: number;
  readonly last_boot_ms: number;
}

/** The sightings of a peer after one more request; what was silent for a link's life is gone. */
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

/** The addresses that were heard in turns: each before another began, and again after. */
export function inTurns(sightings: readonly Sighting[], bootMs: number): readonly string[] {
  const recent = sightings.filter((each) => bootMs - each.last_boot_ms < linkLifeMs);
  const isAmong = (one: Sighting): boolean =>
    recent.some((other) => one !== other && (spans(one, other) || spans(other, one)));
  return recent
    .filter(isAmong)
    .map(({ address }) => address)
    .sort();
}

/** Whether one was heard before the other began, and again after. */
const spans = (one: Sighting, other: Sighting): boolean =>
  one.first_boot_ms < other.first_boot_ms && other.first_boot_ms < one.last_boot_ms;
