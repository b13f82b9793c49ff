/**
 * A peer and its surroundings: its name, its handles as moons, as many named as fit, the others
 * counted. Pure.
 */

import { characterWidth, fitted, type OnEllipse, type Point } from "./geometry.ts";
import type { Label } from "./label.ts";

/** A peer to place. */
export interface PeerShape {
  readonly name: string;
  /** The right halves of its handles. */
  readonly handles: readonly string[];
}

/** A handle of a peer; `index` is its index in the given list. */
export interface Moon extends Point {
  readonly index: number;
  readonly label: Label | null;
}

/** A peer, placed. */
export interface PeerPlace extends OnEllipse {
  readonly r: number;
  readonly label: Label | null;
  /** The number of handles, or of those without a name. */
  readonly note: Label | null;
  readonly moons: readonly Moon[];
  /** The path of the moons' line; null when they stand on a spoke. */
  readonly orbit: number | null;
}

/** The largest number of named handles, and whether space is short. */
export interface Fan {
  readonly named: number;
  readonly dense: boolean;
}

/** Characters of a name that is shown in full. */
const nameCharacters = 24;
/** Moons drawn around a peer whose handles have no names. */
const moonsMax = 24;
const lineStep = 17;

/** A peer whose handles are listed beside it, away from the middle. */
export function fanned(peer: PeerShape, at: OnEllipse, fan: Fan): PeerPlace {
  if (fan.named === 0) return orbited(peer, at, fan.dense);
  const side = Math.cos(at.angle) >= -0.001 ? 1 : -1;
  const r = 12;
  const count = peer.handles.length;
  // A single unnamed handle takes the place of the line "+1 more".
  const named = count <= fan.named + 1 ? count : fan.named;
  const lines = 1 + named + (named < count ? 1 : 0);
  const line = lineOf(at, { side, lines, r });
  const moons = peer.handles.slice(0, named).map((name, index): Moon => {
    const { x, y } = line(index + 1);
    return {
      index,
      x,
      y,
      label: labelAt({ x: x + side * 10, y }, fit(name, 12), { side, size: 12 }),
    };
  });
  const rest = line(named + 1);
  const more = `+${count - named} more`;
  return {
    ...at,
    r,
    label: labelAt(line(0), fit(peer.name, 13.5), { side, size: 13.5 }),
    note:
      named < count
        ? labelAt({ x: rest.x + side * 10, y: rest.y }, more, { side, size: 11 })
        : null,
    moons,
    orbit: null,
  };
}

/** The start of each line beside a peer: on a flat arc around it. */
function lineOf(
  at: Point,
  { side, lines, r }: { side: number; lines: number; r: number },
): (line: number) => Point {
  if (lines === 1) return () => ({ x: at.x + side * (r + 12), y: at.y });
  const half = ((lines - 1) / 2) * lineStep;
  const [wide, high] = [Math.min(46, r + 14 + lines * 3), half + 10];
  return (line) => {
    const y = line * lineStep - half;
    return { x: at.x + side * wide * Math.sqrt(1 - (y / high) ** 2), y: at.y + y };
  };
}

function orbited(peer: PeerShape, at: OnEllipse, dense: boolean): PeerPlace {
  const side = Math.cos(at.angle) >= -0.001 ? 1 : -1;
  const r = dense ? 7 : 10;
  const orbit = r + (dense ? 6 : 8);
  const count = peer.handles.length;
  const x = at.x + side * (orbit + 10);
  const shift = dense || count === 0 ? 0 : lineStep / 2 - 1;
  return {
    ...at,
    r,
    label: {
      ...labelAt({ x, y: at.y - shift }, fit(peer.name, 13), { side, size: dense ? 11.5 : 13 }),
      count: dense && count > 0 ? count : undefined,
    },
    note: shift === 0 ? null : labelAt({ x, y: at.y + shift }, counted(count), { side, size: 11 }),
    moons: peer.handles.slice(0, moonsMax).map((_, index, all) => {
      const turn = at.angle + (2 * Math.PI * index) / all.length;
      const [dx, dy] = [orbit * Math.cos(turn), orbit * Math.sin(turn)];
      return { index, x: at.x + dx, y: at.y + dy, label: null };
    }),
    orbit,
  };
}

/** A peer whose name runs along its spoke, with its handles as dots in front. */
export function spoked(peer: PeerShape, at: OnEllipse, size: number): PeerPlace {
  const [cos, sin] = [Math.cos(at.angle), Math.sin(at.angle)];
  const out = (distance: number): Point => ({ x: at.x + cos * distance, y: at.y + sin * distance });
  const side = cos >= -0.001 ? 1 : -1;
  const r = size / 2 - 0.5;
  const dots = Math.min(3, peer.handles.length);
  const start = out(r + 6 + dots * 6);
  const room = spokeCharacters * size * characterWidth;
  const label = labelAt(start, fitted(peer.name, size, room), { side, size });
  return {
    ...at,
    r,
    label: {
      ...label,
      count: peer.handles.length > dots ? peer.handles.length : undefined,
      angle: side === 1 ? at.angle : at.angle + Math.PI,
    },
    note: null,
    moons: Array.from({ length: dots }, (_, index) => ({
      index,
      ...out(r + 5 + index * 6),
      label: null,
    })),
    orbit: null,
  };
}

/** Characters of a name along a spoke. */
const spokeCharacters = 12;

const fit = (text: string, size: number): string =>
  fitted(text, size, nameCharacters * size * characterWidth);

/** A number of handles in words. */
export const counted = (count: number): string => (count === 1 ? "1 handle" : `${count} handles`);

function labelAt(
  { x, y }: Point,
  text: string,
  { side, size }: { readonly side: number; readonly size: number },
): Label {
  return { text, size, anchor: side === 1 ? "start" : "end", x, y, angle: 0 };
}
