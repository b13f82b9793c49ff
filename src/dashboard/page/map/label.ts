/** A label of the map: one line of the monospaced font, perhaps turned. Pure. */

import { type Box, characterWidth } from "./geometry.ts";

/** Text at a point; `x, y` is its start, middle or end, half-way up the letters. */
export interface Label {
  readonly text: string;
  /** A count that follows the text, less prominently. */
  readonly count?: number | undefined;
  readonly size: number;
  readonly anchor: "start" | "middle" | "end";
  readonly x: number;
  readonly y: number;
  /** Its rotation around `x, y`, in radians. */
  readonly angle: number;
}

/** A count as it follows a text; empty without a count. */
export const countText = (count: number | undefined): string =>
  count === undefined ? "" : ` ${count}`;

/** The height of a line, as a share of the size of its font. */
const lineHeight = 1.16;

/** The box that a label fills. */
export function boxOf({ text, count, size, anchor, x, y, angle }: Label): Box {
  const width = [...text, ...countText(count)].length * size * characterWidth;
  const shift = anchor === "middle" ? 0 : (anchor === "start" ? width : -width) / 2;
  return {
    x: x + shift * Math.cos(angle),
    y: y + shift * Math.sin(angle),
    width,
    height: size * lineHeight,
    angle,
  };
}
