/**
 * The arithmetic of the map: turned boxes and their overlap, points spread evenly along an ellipse,
 * text cut to fit. Pure; measures no real font.
 */

/** A point, in CSS pixels from the top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle around `x, y` as its centre, turned by `angle` radians. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
  readonly angle: number;
}

/** An ellipse around a centre. */
export interface Ellipse extends Point {
  readonly rx: number;
  readonly ry: number;
}

/** A point of an ellipse, and its direction from the centre in radians. */
export interface OnEllipse extends Point {
  readonly angle: number;
}

/** Width of a character of the monospaced font, as a share of its size. */
export const characterWidth = 0.602;

/** Width of a text in the monospaced font. */
export const textWidth = (text: string, size: number): number =>
  [...text].length * size * characterWidth;

/** The text, or as much as fits with `…` at its end; empty when not even two characters fit. */
export function fitted(text: string, size: number, width: number): string {
  const characters = [...text];
  const fitting = Math.floor(width / (size * characterWidth));
  if (characters.length <= fitting) return text;
  return fitting < 2 ? "" : `${characters.slice(0, fitting - 1).join("")}…`;
}

/** The corners of a box. */
export function corners({ x, y, width, height, angle }: Box): readonly Point[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].map(([right = 0, down = 0]) => {
    const [w, h] = [(right * width) / 2, (down * height) / 2];
    return { x: x + w * cos - h * sin, y: y + w * sin + h * cos };
  });
}

/** True when two boxes share more than an edge: no axis of either box separates them. */
export function overlap(one: Box, other: Box): boolean {
  const reach = (box: Box): number => Math.hypot(box.width, box.height) / 2;
  if (Math.hypot(one.x - other.x, one.y - other.y) >= reach(one) + reach(other)) return false;
  const [first, second] = [corners(one), corners(other)];
  const axes = [one.angle, one.angle + Math.PI / 2, other.angle, other.angle + Math.PI / 2];
  return axes.every((axis) => {
    const along = ({ x, y }: Point): number => x * Math.cos(axis) + y * Math.sin(axis);
    const [a, b] = [first.map(along), second.map(along)];
    return Math.min(...a) < Math.max(...b) - 0.01 && Math.min(...b) < Math.max(...a) - 0.01;
  });
}

/** True when any two boxes of a list overlap. */
export const anyOverlap = (boxes: readonly Box[]): boolean =>
  boxes.some((box, index) => boxes.slice(index + 1).some((other) => overlap(box, other)));

/** True when a box lies within `0, 0` and a width and height. */
export const isInside = (box: Box, size: { readonly width: number; readonly height: number }) =>
  corners(box).every(
    ({ x, y }) => x >= 0 && y >= 0 && x <= size.width + 0.01 && y <= size.height + 0.01,
  );

const steps = 720;

/**
 * `count` points spread by equal length along an ellipse, the first at `start` turns from the
 * right.
 */
export function spread(ellipse: Ellipse, count: number, start: number): readonly OnEllipse[] {
  const lengths = [0];
  let before = pointAt(ellipse, start * 2 * Math.PI);
  for (let step = 1; step <= steps; step++) {
    const here = pointAt(ellipse, (start + step / steps) * 2 * Math.PI);
    lengths.push((lengths.at(-1) ?? 0) + Math.hypot(here.x - before.x, here.y - before.y));
    before = here;
  }
  const whole = lengths.at(-1) ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const wanted = (whole * index) / count;
    const step = lengths.findIndex((length) => length >= wanted - 1e-9);
    const point = pointAt(ellipse, (start + step / steps) * 2 * Math.PI);
    return { ...point, angle: Math.atan2(point.y - ellipse.y, point.x - ellipse.x) };
  });
}

const pointAt = ({ x, y, rx, ry }: Ellipse, turn: number): Point => ({
  x: x + rx * Math.cos(turn),
  y: y + ry * Math.sin(turn),
});

/** The approximate length of an ellipse, by Ramanujan's first formula. */
export function lengthOf({ rx, ry }: Ellipse): number {
  return Math.PI * (3 * (rx + ry) - Math.sqrt((3 * rx + ry) * (rx + 3 * ry)));
}
