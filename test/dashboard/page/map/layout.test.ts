import { describe, expect, test } from "bun:test";
import {
  anyOverlap,
  fitted,
  isInside,
  overlap,
  spread,
} from "../../../../src/dashboard/page/map/geometry.ts";
import {
  chosen,
  namesMax,
  type PeerShape,
  type SessionShape,
} from "../../../../src/dashboard/page/map/groups.ts";
import { boxOf, labelAt } from "../../../../src/dashboard/page/map/label.ts";
import {
  boxesOf,
  type Layout,
  labelsOf,
  layout,
} from "../../../../src/dashboard/page/map/layout.ts";
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

/** A number from 1 to `most`. */
const upTo = (most: number): number => 1 + ((draw.bytes(2)[0] ?? 0) % most);

const name = (length: number): string => "mountain-range-of-many-machines".slice(0, length);

const states = ["working", "idle", "waiting", null] as const;

const sessionsOf = (count: number): readonly SessionShape[] =>
  Array.from({ length: count }, (_, index) => ({
    handle: `m/${index}-${draw.integer(1e6)}`,
    name: name(upTo(31)),
    state: states[draw.integer(4)] ?? null,
    line: "working, Port the sync client to streaming; two tests still red".slice(0, upTo(62)),
  }));

const peersOf = (count: number, sessions: () => number): readonly PeerShape[] =>
  Array.from({ length: count }, (_, index) => ({
    fingerprint: String(index),
    name: name(upTo(31)),
    isDown: draw.integer(5) === 0,
    sessions: sessionsOf(sessions()),
  }));

/** Expects every label to be readable: in the map, on nothing else, large enough, upright. */
function expectReadable(laid: Layout, space: { width: number; height: number }): void {
  const labels = labelsOf(laid);
  const boxes = labels.map(boxOf);
  expect(boxes.filter((box) => !isInside(box, space))).toEqual([]);
  expect(anyOverlap(boxes)).toBe(false);
  expect(labels.filter(({ size }) => size < 11)).toEqual([]);
}

describe(`layout(), seed ${seed}`, () => {
  for (const space of spaces) {
    test(`lets no two labels touch in ${space.width} × ${space.height}, for every size`, () => {
      for (const count of [0, 1, 2, 3, 5, 8, 13, 21, 34, 60]) {
        for (const most of [0, 1, 4, 20]) {
          const own = sessionsOf(most);
          const peers = peersOf(count, () => (most === 0 ? 0 : upTo(most)));
          const laid = layout({ ...space, own, peers });
          expectReadable(laid, space);
          const names = [...laid.own, ...laid.peers, ...laid.peers.flatMap(({ moons }) => moons)];
          expect(names.filter(({ label }) => label !== null).length).toBeLessThanOrEqual(namesMax);
        }
      }
    });
  }

  test("names each of a few machines and sessions, with what it does", () => {
    const own = sessionsOf(2);
    const peers = peersOf(2, () => 2);
    const laid = layout({ width: 1_067, height: 700, own, peers });
    expect(laid.own.every(({ label }) => label !== null)).toBe(true);
    for (const { label, moons } of laid.peers) {
      expect(label?.text.length).toBeGreaterThan(0);
      expect(moons.every((moon) => moon.label !== null)).toBe(true);
    }
    const rests = labelsOf(laid).map(({ rest }) => rest);
    expect(rests.some((rest) => rest.startsWith("work"))).toBe(true);
  });

  test("writes no label over a machine, the core or a session of this one", () => {
    const shape = { width: 1_020, height: 700, own: sessionsOf(3), peers: peersOf(6, () => 3) };
    expect(anyOverlap(boxesOf(layout(shape)))).toBe(false);
  });

  test("keeps machines on a circle, in order, whatever their sessions do", () => {
    const peers = peersOf(8, () => 4).map((peer) => ({ ...peer, isDown: false }));
    const places = (list: readonly PeerShape[]) =>
      layout({ width: 1_020, height: 700, own: [], peers: list }).peers.map(({ x, y }) => [x, y]);
    const working = peers.map((peer) => ({
      ...peer,
      sessions: peer.sessions.map((each) => ({ ...each, state: "working" as const })),
    }));
    expect(places(working)).toEqual(places(peers));
    const { outer } = layout({ width: 1_020, height: 700, own: [], peers });
    for (const [x = 0, y = 0] of places(peers)) {
      expect(Math.hypot(x - outer.x, y - outer.y)).toBeCloseTo(outer.r);
    }
  });
});

describe("chosen()", () => {
  const up = (count: number, state: SessionShape["state"]): readonly PeerShape[] =>
    Array.from({ length: count }, (_, index) => ({
      fingerprint: `${state} ${index}`,
      name: `${state}-${index}`,
      isDown: false,
      sessions: [{ handle: `${state}/${index}`, name: "s", state, line: "" }],
    }));
  const down = (count: number): readonly PeerShape[] =>
    up(count, null).map((peer) => ({ ...peer, isDown: true, fingerprint: `d${peer.name}` }));

  test("folds machines that are down first, and groups the rest beyond 12 names", () => {
    const { stops } = chosen(0, [...up(11, "working"), ...down(3)]);
    expect(stops.map((stop) => (stop.kind === "group" ? stop.count : 1))).toEqual([
      ...Array.from({ length: 11 }, () => 1),
      3,
    ]);
    const many = chosen(12, [...up(40, "idle"), ...up(2, "waiting"), ...down(14)]).stops;
    expect(many.length).toBe(namesMax);
    expect(many.slice(-2)).toEqual([
      { kind: "group", isDown: false, count: 32 },
      { kind: "group", isDown: true, count: 14 },
    ]);
    const shown = many.flatMap((stop) => (stop.kind === "peer" ? [stop.peer.name] : []));
    expect(shown).toContain("waiting-0");
    expect(shown).toContain("waiting-1");
  });

  test("names sessions that wait before those that work, as many as are left of 12", () => {
    const { stops } = chosen(2, [...up(3, "working"), ...up(3, "idle"), ...up(1, "waiting")]);
    const named = stops.flatMap((stop) => (stop.kind === "peer" ? stop.named : []));
    expect(named.map(({ state }) => state)).toEqual(["working", "working", "waiting"]);
  });
});

test("overlap() is true only of boxes that share more than an edge", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  expect(overlap(box, { ...box, x: 10 })).toBe(false);
  expect(overlap(box, { ...box, x: 9.9 })).toBe(true);
  expect(overlap(box, { ...box, y: -9.9 })).toBe(true);
  expect(overlap(box, { ...box, x: 9.9, y: 10 })).toBe(false);
});

test("spread() keeps points at equal angles", () => {
  const points = spread({ x: 0, y: 0, r: 2 }, 4, 0);
  expect(points.map(({ x, y }) => [Math.round(x), Math.round(y)])).toEqual([
    [2, 0],
    [0, 2],
    [-2, 0],
    [-0, -2],
  ]);
});

test("labelAt() cuts what follows before the name, and leaves no stump", () => {
  const at = { x: 0, y: 0, side: 1, size: 10 };
  const words = { text: "hydrate", rest: "working, all of it" };
  expect(labelAt(at, words, 400)).toMatchObject({ text: "hydrate", rest: "working, all of it" });
  expect(labelAt(at, words, 100)).toMatchObject({ text: "hydrate", rest: "" });
  expect(labelAt(at, words, 130)).toMatchObject({ text: "hydrate", rest: "working, al…" });
  expect(labelAt(at, words, 60)).toMatchObject({ text: "hydrate", rest: "" });
  expect(labelAt(at, words, 30)).toMatchObject({ text: "hyd…", rest: "" });
});

test("fitted() ends what does not fit with an ellipsis, or is empty", () => {
  expect(fitted("hydrate", 10, 100)).toBe("hydrate");
  expect(fitted("hydrate", 10, 30)).toBe("hyd…");
  expect(fitted("hydrate", 10, 8)).toBe("");
});
