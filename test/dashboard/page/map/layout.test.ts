import { describe, expect, test } from "bun:test";
import {
  anyOverlap,
  type Box,
  isInside,
  overlap,
} from "../../../../src/dashboard/page/map/geometry.ts";
import { boxOf } from "../../../../src/dashboard/page/map/label.ts";
import {
  boxesOf,
  type Layout,
  labelsOf,
  layout,
  peersDrawnMax,
} from "../../../../src/dashboard/page/map/layout.ts";
import type { PeerShape } from "../../../../src/dashboard/page/map/peer-place.ts";
import { fakeEffects } from "../../../support/effects.ts";

/** The spaces that a map has on a phone, a laptop and a large screen. */
const spaces = [
  { width: 390, height: 440 },
  { width: 390, height: 560 },
  { width: 694, height: 712 },
  { width: 1_020, height: 640 },
  { width: 1_548, height: 1_024 },
];

const seed = Number(process.env.PEERNET_TEST_SEED ?? 7);
const draw = fakeEffects(seed).random;

/** A whole number from 1 to `most`. */
const upTo = (most: number): number => 1 + ((draw.bytes(2)[0] ?? 0) % most);

const name = (length: number): string => "mountain-range-of-many-machines".slice(0, length);

const peersOf = (count: number, handles: () => number): readonly PeerShape[] =>
  Array.from({ length: count }, () => ({
    name: name(upTo(31)),
    handles: Array.from({ length: handles() }, () => name(upTo(31))),
  }));

const ownOf = (count: number): readonly string[] =>
  Array.from({ length: count }, () => name(upTo(31)));

/** That every label can be read: within the map, on nothing else, of a size that eyes can read. */
function expectReadable(laid: Layout, space: { width: number; height: number }): void {
  const labels = labelsOf(laid);
  const boxes = labels.map(boxOf);
  expect(boxes.filter((box) => !isInside(box, space))).toEqual([]);
  expect(anyOverlap(boxes)).toBe(false);
  expect(labels.filter(({ size }) => size < 9)).toEqual([]);
}

describe(`layout(), seed ${seed}`, () => {
  for (const space of spaces) {
    test(`lets no two labels touch in ${space.width} × ${space.height}, for every size`, () => {
      for (const count of [0, 1, 2, 3, 5, 8, 13, 21, 34, 60]) {
        for (const most of [1, 4, 20]) {
          const own = ownOf(most);
          const laid = layout({ ...space, own, peers: peersOf(count, () => upTo(most)) });
          expectReadable(laid, space);
          expect(laid.peers.length).toBe(count);
          expect(laid.own.length).toBe(most);
        }
      }
    });
  }

  test("names every peer, from 1 to 60, where there is room", () => {
    const space = { width: 1_020, height: 900 };
    for (let count = 1; count <= 60; count++) {
      const peers = Array.from({ length: count }, (_, at) => ({ name: `m-${at}`, handles: ["a"] }));
      const laid = layout({ ...space, own: ["x"], peers });
      expect(laid.peers.map(({ label }) => label?.text)).toEqual(peers.map(({ name }) => name));
    }
  });

  test("names every handle where there are few", () => {
    const peers = peersOf(8, () => 4);
    const laid = layout({ width: 1_548, height: 1_024, own: ["api", "web"], peers });
    for (const { moons } of laid.peers) expect(moons.map(({ label }) => label).length).toBe(4);
    expect(laid.own.map(({ label }) => label?.text)).toEqual(["api", "web"]);
  });

  test("counts the handles that it does not name", () => {
    const peers = [{ name: "mini", handles: Array.from({ length: 40 }, (_, at) => `h-${at}`) }];
    const { moons, note } = layout({ width: 1_020, height: 640, own: [], peers }).peers[0] ?? {};
    expect(moons?.length).toBeGreaterThan(4);
    expect(note?.text).toBe(`+${40 - (moons?.length ?? 0)} more`);
  });

  test("counts the peers that it does not draw", () => {
    const laid = layout({ width: 1_020, height: 640, own: [], peers: peersOf(1_000, () => 1) });
    expect([laid.peers.length, laid.peersLeft]).toEqual([peersDrawnMax, 1_000 - peersDrawnMax]);
    expectReadable(laid, { width: 1_020, height: 640 });
  });

  test("keeps the peers, the handles of this machine and the core apart", () => {
    for (const space of spaces) {
      const laid = layout({ ...space, own: ownOf(8), peers: peersOf(12, () => 3) });
      expect(anyOverlap(boxesOf(laid))).toBe(false);
    }
  });

  test("gives the same places for the same names", () => {
    const shape = { width: 694, height: 712, own: ["a", "b"], peers: peersOf(5, () => 2) };
    expect(layout(shape)).toEqual(layout(structuredClone(shape)));
  });
});

describe("overlap()", () => {
  const box = (more: Partial<Box>): Box => ({
    x: 0,
    y: 0,
    width: 10,
    height: 10,
    angle: 0,
    ...more,
  });

  test("is false for boxes that only share an edge, true a hair closer", () => {
    expect(overlap(box({}), box({ x: 10 }))).toBe(false);
    expect(overlap(box({}), box({ x: 9.9 }))).toBe(true);
  });

  test("sees a turned box slip between corners", () => {
    expect(overlap(box({}), box({ x: 12, angle: Math.PI / 4 }))).toBe(true);
    expect(overlap(box({ angle: Math.PI / 4 }), box({ x: 10, y: 10 }))).toBe(false);
  });
});
