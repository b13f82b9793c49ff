/**
 * Positions on the map: this machine in the middle, its sessions on an inner circle,
 * machines on an outer one, their names in a column to either side. Names as many sessions as fit
 * without touching. Pure: names and a size in, places out.
 */

import { anyOverlap, type Box, type Circle, isInside, spread } from "./geometry.ts";
import { chosen, namesMax, type PeerShape, type SessionShape } from "./groups.ts";
import { boxOf, type Label } from "./label.ts";
import { type OwnPlace, ownRing } from "./local-place.ts";
import { type PeerPlace, placed, shifted } from "./peer-place.ts";

/** The input of a layout. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly own: readonly SessionShape[];
  readonly peers: readonly PeerShape[];
}

/** The map, laid out. */
export interface Layout {
  readonly core: Circle;
  readonly inner: Circle;
  readonly outer: Circle;
  readonly own: readonly OwnPlace[];
  readonly peers: readonly PeerPlace[];
}

/** The largest number of this machine's sessions drawn. */
export const ownDrawnMax = 40;
const margin = 10;

/** Lays out a map. */
export function layout(shape: Shape): Layout {
  for (let sessions = namesMax; sessions > 0; sessions--) {
    const arranged = arrange(shape, sessions);
    if (fits(arranged, shape)) return arranged;
  }
  return thinned(arrange(shape, 0), shape);
}

/** Every label of a layout. */
export const labelsOf = ({ own, peers }: Layout): readonly Label[] =>
  [
    ...own.map(({ label }) => label),
    ...peers.flatMap(({ label, note, moons }) => [label, note, ...moons.map((moon) => moon.label)]),
  ].filter((label) => label !== null);

const square = ({ x, y, r }: Circle): Box => ({ x, y, width: 2 * r, height: 2 * r });

/** The boxes that no label may cover, and the labels. */
export const boxesOf = (laid: Layout): readonly Box[] => [
  ...labelsOf(laid).map(boxOf),
  ...laid.peers.map(square),
  ...laid.own.map(({ x, y }) => square({ x, y, r: 3 })),
  square(laid.core),
];

const fits = (arranged: Layout, shape: Shape): boolean =>
  labelsOf(arranged).every((label) => isInside(boxOf(label), shape)) &&
  !anyOverlap(boxesOf(arranged));

function arrange(shape: Shape, sessionsMax: number): Layout {
  const { width, height } = shape;
  const [x, y] = [width / 2, height / 2];
  const names = Math.min(230, Math.max(92, width * 0.2));
  const r = Math.max(64, Math.min(x - names - 30, y - 44, 330));
  const outer = { x, y, r };
  const core = { x, y, r: Math.max(28, Math.min(46, r * 0.2)) };
  const inner = { x, y, r: Math.max(core.r + 14, r * 0.46) };
  const { isOwnNamed, stops } = chosen(shape.own.length, shape.peers, sessionsMax);
  const places = spread(outer, stops.length, firstTurn(stops.length));
  return {
    core,
    inner,
    outer,
    own: ownRing(shape.own.slice(0, ownDrawnMax), {
      ring: inner,
      outer,
      isNamed: isOwnNamed && r > 110,
      peerAngles: places.map(({ angle }) => angle),
    }),
    peers: columns(
      stops.map((stop, index) => placed(stop, places[index] ?? { x, y, angle: 0 }, outer)),
      shape,
      outer,
    ),
  };
}

/** Moves the names of each side apart, as little as possible. */
function columns(peers: readonly PeerPlace[], shape: Shape, outer: Circle): readonly PeerPlace[] {
  const moved = new Map<PeerPlace, PeerPlace>();
  for (const side of [1, -1]) {
    const column = peers.filter((place) => place.side === side).sort((a, b) => a.y - b.y);
    const centres = apart(
      column.map(({ y, height }) => ({ y, height })),
      { top: margin, bottom: shape.height - margin },
    );
    for (const [index, place] of column.entries()) {
      moved.set(place, shifted(place, { y: centres[index] ?? place.y, outer, shape }));
    }
  }
  return peers.map((place) => moved.get(place) ?? place);
}

/** Centres of blocks wanted at `y`, moved so that none touches the one above. */
function apart(
  blocks: readonly { readonly y: number; readonly height: number }[],
  { top, bottom }: { readonly top: number; readonly bottom: number },
): readonly number[] {
  const centres: number[] = [];
  let edge = top;
  for (const { y, height } of blocks) {
    const centre = Math.max(y, edge + height / 2);
    centres.push(centre);
    edge = centre + height / 2;
  }
  let below = bottom;
  for (let index = blocks.length - 1; index >= 0; index--) {
    const half = (blocks[index]?.height ?? 0) / 2;
    centres[index] = Math.min(centres[index] ?? 0, below - half);
    below = (centres[index] ?? 0) - half;
  }
  return centres;
}

/** One machine stands to the right, two face each other, more leave the top and bottom free. */
const firstTurn = (count: number): number => (count <= 2 ? -0.04 : -0.25 + 0.5 / count);

/** Leaves out each label that would touch one before it, or the edge. */
function thinned(arranged: Layout, shape: Shape): Layout {
  const kept: Box[] = [...arranged.peers.map(square), square(arranged.core)];
  const keep = (label: Label | null): Label | null => {
    if (label === null || label.text === "") return null;
    const box = boxOf(label);
    if (!isInside(box, shape) || kept.some((other) => anyOverlap([box, other]))) return null;
    kept.push(box);
    return label;
  };
  const peers = arranged.peers.map((peer) => ({ ...peer, label: keep(peer.label) }));
  return {
    ...arranged,
    peers: peers.map((peer) => ({ ...peer, note: keep(peer.note) })),
    own: arranged.own.map((place) => ({ ...place, label: keep(place.label) })),
  };
}
