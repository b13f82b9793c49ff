import { expect, test } from "bun:test";
import { linkLifeMs, sightingsMax } from "../../../src/contract/limits.ts";
import { inTurns, type Sighting, sight } from "../../../src/core/peers/sighting.ts";

/** The sightings after requests, each from an address at an instant. */
const after = (...requests: readonly (readonly [address: string, bootMs: number])[]) =>
  requests.reduce<readonly Sighting[]>((seen, [address, ms]) => sight(seen, address, ms), []);

test("inTurns() names two addresses once the first is used again after the second", () => {
  expect(inTurns(after(["b", 1], ["a", 2], ["b", 3]), 3)).toEqual(["a", "b"]);
  expect(inTurns(after(["b", 1], ["a", 2], ["b", 3], ["a", 4]), 4)).toEqual(["a", "b"]);
});

test("inTurns() names none of a peer that moved, or is where it was", () => {
  expect(inTurns(after(), 0)).toEqual([]);
  expect(inTurns(after(["a", 1], ["a", 2]), 2)).toEqual([]);
  expect(inTurns(after(["a", 1], ["a", 2], ["b", 3], ["b", 4]), 4)).toEqual([]);
  expect(inTurns(after(["a", 1], ["b", 2], ["c", 3]), 3)).toEqual([]);
});

test("inTurns() forgets an address that was silent for a link's life", () => {
  const seen = after(["a", 1], ["b", 2], ["a", 3]);
  expect(inTurns(seen, 2 + linkLifeMs - 1)).toEqual(["a", "b"]);
  expect(inTurns(seen, 2 + linkLifeMs)).toEqual([]);
  // Back at an address after so long a time is a move as well.
  expect(inTurns(after(["a", 1], ["b", 2], ["a", 1 + linkLifeMs]), 1 + linkLifeMs)).toEqual([]);
});

test("sight() keeps the addresses used last", () => {
  const seen = after(["a", 1], ["b", 2], ["c", 3], ["d", 4], ["e", 5], ["b", 6]);
  expect(seen.map(({ address }) => address)).toEqual(["c", "d", "e", "b"]);
  expect(seen).toHaveLength(sightingsMax);
});
