/** The inner circle: this machine's sessions, turned so that the links pass between them. Pure. */

import { type Circle, type OnCircle, spread } from "./geometry.ts";
import type { SessionShape } from "./groups.ts";
import { type Label, labelAt } from "./label.ts";

/** A session of this machine, placed. */
export interface OwnPlace extends OnCircle {
  readonly handle: string;
  readonly name: string;
  readonly label: Label | null;
}

interface OwnRing {
  readonly ring: Circle;
  readonly outer: Circle;
  readonly isNamed: boolean;
  readonly peerAngles: readonly number[];
}

const size = 12;

/** Places sessions on the circle. */
export function ownRing(sessions: readonly SessionShape[], around: OwnRing): readonly OwnPlace[] {
  const turns = Array.from({ length: 24 }, (_, index) => -0.25 + index / 24);
  const farthest = turns
    .map((turn) => spread(around.ring, sessions.length, turn))
    .reduce((best, next) =>
      clearance(next, around.peerAngles) > clearance(best, around.peerAngles) + 0.01 ? next : best,
    );
  return sessions.map(({ handle, name, line }, index) => {
    const at = farthest[index] ?? { x: around.ring.x, y: around.ring.y, angle: 0 };
    return {
      ...at,
      handle,
      name,
      label: around.isNamed ? labelOf(at, { name, line }, around) : null,
    };
  });
}

/** The smallest angle between a session and a link. */
function clearance(places: readonly OnCircle[], angles: readonly number[]): number {
  const gaps = places.flatMap(({ angle }) => [
    // Names are most legible to the left and right.
    0.25 + Math.abs(Math.cos(angle)) / 2,
    ...angles.map((other) =>
      Math.abs(Math.atan2(Math.sin(angle - other), Math.cos(angle - other))),
    ),
  ]);
  return Math.min(Math.PI, ...gaps);
}

/** A name beside its dot, within the outer circle. */
function labelOf(
  { x, y, angle }: OnCircle,
  { name, line }: { readonly name: string; readonly line: string },
  { outer }: OwnRing,
): Label {
  const side = Math.cos(angle) >= -0.001 ? 1 : -1;
  const start = x + side * 11;
  const rim = Math.sqrt(Math.max(0, outer.r ** 2 - (y - outer.y) ** 2));
  const room = rim - Math.abs(start - outer.x) - 24;
  return labelAt({ x: start, y, side, size }, { text: name, rest: line }, room);
}
