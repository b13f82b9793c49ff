/** The inner ring: this machine's own handles, turned so that the links pass between them. Pure. */

import { type Ellipse, fitted, type OnEllipse, spread } from "./geometry.ts";
import type { Label } from "./label.ts";

/** Names beside their handles, along the spokes, or none. */
export type OwnStyle = "beside" | "along" | "none";

/** A handle of this machine, placed. */
export interface OwnPlace extends OnEllipse {
  readonly name: string;
  readonly label: Label | null;
}

interface OwnRing {
  readonly ring: Ellipse;
  readonly outer: Ellipse;
  readonly style: OwnStyle;
  readonly peerAngles: readonly number[];
}

const size = 12;

/** Places handles on the ring. */
export function ownRing(names: readonly string[], around: OwnRing): readonly OwnPlace[] {
  const turns = Array.from({ length: 24 }, (_, index) => -0.25 + index / 24);
  const farthest = turns
    .map((turn) => spread(around.ring, names.length, turn))
    .reduce((best, next) =>
      clearance(next, around.peerAngles) > clearance(best, around.peerAngles) + 0.01 ? next : best,
    );
  return names.map((name, index) => {
    const at = farthest[index] ?? { x: around.ring.x, y: around.ring.y, angle: 0 };
    return { ...at, name, label: labelOf(name, at, around) };
  });
}

/** The smallest angle between a handle and a link. */
function clearance(places: readonly OnEllipse[], angles: readonly number[]): number {
  const gaps = places.flatMap(({ angle }) => [
    // Names are most legible to the left and right.
    0.25 + Math.abs(Math.cos(angle)) / 2,
    ...angles.map((other) =>
      Math.abs(Math.atan2(Math.sin(angle - other), Math.cos(angle - other))),
    ),
  ]);
  return Math.min(Math.PI, ...gaps);
}

function labelOf(name: string, at: OnEllipse, { outer, style }: OwnRing): Label | null {
  if (style === "none") return null;
  const [cos, sin] = [Math.cos(at.angle), Math.sin(at.angle)];
  const side = cos >= -0.001 ? 1 : -1;
  const anchor = side === 1 ? "start" : "end";
  const edge = Math.hypot(outer.x - at.x, outer.y - at.y);
  const rim = 1 / Math.hypot(cos / outer.rx, sin / outer.ry);
  if (style === "along") {
    const text = fitted(name, size, rim - edge - 40);
    // A truncated name is worth less than the count in the core.
    if (text.length < Math.min(5, name.length)) return null;
    const turn = side === 1 ? at.angle : at.angle + Math.PI;
    return { text, size, anchor, x: at.x + cos * 10, y: at.y + sin * 10, angle: turn };
  }
  return { text: fitted(name, size, 170), size, anchor, x: at.x + side * 11, y: at.y, angle: 0 };
}
