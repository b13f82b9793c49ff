/**
 * The positions on the map: this machine in the middle, its handles on an inner ring, peers on an
 * outer ring with their handles around them. Tries the richest labels first and takes the first
 * layout in which no two labels touch. Pure: names and a size in, positions out.
 */

import {
  anyOverlap,
  type Box,
  type Ellipse,
  isInside,
  type OnEllipse,
  spread,
} from "./geometry.ts";
import { boxOf, type Label } from "./label.ts";
import { type OwnPlace, type OwnStyle, ownRing } from "./local-place.ts";
import { type Fan, fanned, type PeerPlace, type PeerShape, spoked } from "./peer-place.ts";

/** The input of a layout. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  /** This machine's handles, their right halves. */
  readonly own: readonly string[];
  readonly peers: readonly PeerShape[];
}

/** The map, laid out. */
export interface Layout {
  readonly core: { readonly x: number; readonly y: number; readonly r: number };
  readonly inner: Ellipse;
  readonly outer: Ellipse;
  readonly own: readonly OwnPlace[];
  readonly peers: readonly PeerPlace[];
  /** Peers without space on the map: the table shows them. */
  readonly peersLeft: number;
  /** Handles of this machine without space for a name. */
  readonly ownUnnamed: number;
}

/** The largest number of peers drawn; the others are counted. */
export const peersDrawnMax = 60;
/** The largest number of this machine's handles drawn; the others are counted. */
export const ownDrawnMax = 40;

/** A style of labels: the number of named handles per peer, or names along the spokes. */
type Style =
  | { readonly way: "fan"; readonly fan: Fan; readonly own: OwnStyle }
  | { readonly way: "spoke"; readonly size: number; readonly own: OwnStyle };

const styles: readonly Style[] = [
  ...[20, 16, 12, 10, 8, 6, 5, 4, 3, 2, 1].flatMap((named): readonly Style[] => [
    { way: "fan", fan: { named, dense: false }, own: "beside" },
    { way: "fan", fan: { named, dense: false }, own: "along" },
  ]),
  { way: "fan", fan: { named: 0, dense: false }, own: "beside" },
  { way: "fan", fan: { named: 0, dense: false }, own: "along" },
  { way: "fan", fan: { named: 0, dense: true }, own: "along" },
  ...[12, 11, 10].map((size): Style => ({ way: "spoke", size, own: "along" })),
  { way: "fan", fan: { named: 0, dense: true }, own: "none" },
  ...[12, 11, 10, 9].map((size): Style => ({ way: "spoke", size, own: "none" })),
];

/** Lays out a map. */
export function layout(shape: Shape): Layout {
  for (const style of styles) {
    const arranged = arrange(shape, style);
    if (arranged !== null && fits(arranged, shape)) return arranged;
  }
  return thinned(arrange(shape, { way: "spoke", size: 9, own: "none" }, 0), shape);
}

/** Every label of a layout. */
export const labelsOf = ({ own, peers }: Layout): readonly Label[] =>
  [...own.map(({ label }) => label), ...peers.flatMap(labelsOfPeer)].filter(
    (label) => label !== null,
  );

const labelsOfPeer = ({ label, note, moons }: PeerPlace): readonly (Label | null)[] => [
  label,
  note,
  ...moons.map((moon) => moon.label),
];

/** The areas that no label may cover: the labels, the peers and the core. */
export function boxesOf(layout: Layout): readonly Box[] {
  const round = ({ x, y, r }: { x: number; y: number; r: number }): Box => ({
    x,
    y,
    width: 2 * r,
    height: 2 * r,
    angle: 0,
  });
  return [
    ...labelsOf(layout).map(boxOf),
    ...layout.peers.map(round),
    ...layout.own.map(({ x, y }) => round({ x, y, r: 3 })),
    round(layout.core),
  ];
}

const fits = (arranged: Layout, shape: Shape): boolean =>
  labelsOf(arranged).every((label) => isInside(boxOf(label), shape)) &&
  !anyOverlap(boxesOf(arranged));

function arrange(shape: Shape, style: Style): Layout | null;
function arrange(shape: Shape, style: Style, least: number): Layout;
function arrange(shape: Shape, style: Style, least = leastRing): Layout | null {
  const shown = shape.peers.slice(0, peersDrawnMax);
  const [x, y] = [shape.width / 2, shape.height / 2];
  const outer = outerRing(shape, style, shown);
  if (Math.min(outer.rx, outer.ry) < least && shown.length > 0) return null;
  const r = Math.max(30, Math.min(46, Math.min(outer.rx, outer.ry) * 0.2));
  const inner = innerRing(outer, r);
  const places = spread(outer, shown.length, firstTurn(shown.length));
  const own = ownRing(shape.own.slice(0, ownDrawnMax), {
    ring: inner,
    outer,
    style: style.own,
    peerAngles: places.map(({ angle }) => angle),
  });
  return {
    core: { x, y, r },
    inner,
    outer,
    own,
    peers: shown.map((peer, index) => placed(peer, places[index] ?? { x, y, angle: 0 }, style)),
    peersLeft: shape.peers.length - shown.length,
    ownUnnamed: shape.own.length - own.filter(({ label }) => label !== null).length,
  };
}

const leastRing = 96;

const placed = (peer: PeerShape, at: OnEllipse, style: Style): PeerPlace =>
  style.way === "fan" ? fanned(peer, at, style.fan) : spoked(peer, at, style.size);

/**
 * The largest outer ring that leaves space for the labels outside it, and stays close to a circle.
 */
function outerRing({ width, height }: Shape, style: Style, peers: readonly PeerShape[]): Ellipse {
  const [x, y] = [width / 2, height / 2];
  const trial = peers.map((peer) => placed(peer, { x: 0, y: 0, angle: 0 }, style));
  const boxes = trial.flatMap((place) =>
    labelsOfPeer(place).flatMap((label) => (label === null ? [] : [boxOf(label)])),
  );
  const beyond = Math.max(30, ...boxes.map((box) => box.x + box.width / 2));
  const half = Math.max(24, ...boxes.map((box) => box.y + box.height / 2));
  const above = style.way === "fan" ? half : beyond;
  const [rx, ry] = [Math.max(0, x - beyond - 10), Math.max(0, y - above - 10)];
  const stretch = style.way === "fan" || height > width ? 1.5 : 1.25;
  return { x, y, rx: Math.min(rx, ry * stretch, 620), ry: Math.min(ry, rx * stretch, 460) };
}

function innerRing({ x, y, rx, ry }: Ellipse, core: number): Ellipse {
  const radius = (outer: number): number => Math.max(core + 20, Math.min(outer * 0.46, 190));
  return { x, y, rx: radius(rx), ry: radius(ry) };
}

/** One peer stands to the right, two face each other, more leave the top and bottom free. */
const firstTurn = (count: number): number => (count <= 2 ? -0.04 : -0.25 + 0.5 / count);

/** Removes each label that would touch an earlier one, or the edge. */
function thinned(arranged: Layout, shape: Shape): Layout {
  const kept: Box[] = arranged.peers.map(({ x, y, r }) => ({
    x,
    y,
    width: 2 * r,
    height: 2 * r,
    angle: 0,
  }));
  const keep = (label: Label | null): Label | null => {
    if (label === null || label.text === "") return null;
    const box = boxOf(label);
    if (!isInside(box, shape) || hits(box, kept)) {
      return null;
    }
    kept.push(box);
    return label;
  };
  return {
    ...arranged,
    peers: arranged.peers.map((peer) => ({ ...peer, label: keep(peer.label), note: null })),
  };
}

const hits = (box: Box, kept: readonly Box[]): boolean =>
  kept.some((other) => anyOverlap([box, other]));
