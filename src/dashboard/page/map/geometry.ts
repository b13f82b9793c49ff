/**
 * The arithmetic of the map: boxes, overlap of two of them, points spread evenly along a circle,
 * text cut to fit. Pure; measures no real font.
 */

/** A point, in CSS pixels from the top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An upright rectangle around `x, y` as its centre. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** A circle around a centre. */
export interface Circle extends Point {
  readonly r: number;
}

/** A point of a circle, and its direction from the centre in radians. */
export interface OnCircle extends Point {
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

/** True where two boxes share more than an edge. */
export const overlap = (one: Box, other: Box): boolean =>
  Math.abs(one.x - other.x) * 2 < one.width + other.width - 0.02 &&
  Math.abs(one.y - other.y) * 2 < one.height + other.height - 0.02;

/** True where any two boxes of a list overlap. */
export const anyOverlap = (boxes: readonly Box[]): boolean =>
  boxes.some((box, index) => boxes.slice(index + 1).some((other) => overlap(box, other)));

/** True where a box lies within `0, 0` and a width and height. */
export const isInside = (
  { x, y, width, height }: Box,
  size: { readonly width: number; readonly height: number },
): boolean =>
  x - width / 2 >= -0.01 &&
  y - height / 2 >= -0.01 &&
  x + width / 2 <= size.width + 0.01 &&
  y + height / 2 <= size.height + 0.01;

/** `count` points spread evenly along a circle, the first one `start` turns from the right. */
export const spread = ({ x, y, r }: Circle, count: number, start: number): readonly OnCircle[] =>
  Array.from({ length: count }, (_, index) => {
    const turn = (start + index / count) * 2 * Math.PI;
    const [dx, dy] = [Math.cos(turn), Math.sin(turn)];
    return { x: x + r * dx, y: y + r * dy, angle: Math.atan2(dy, dx) };
  });
