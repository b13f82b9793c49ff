/** A label of the map: one upright line of the monospaced font. Pure. */

import { type Box, fitted, textWidth } from "./geometry.ts";

/** Text at a point; `x, y` is its start or end, half-way up the letters. */
export interface Label {
  readonly text: string;
  /** A fainter addition after the text; empty for none. */
  readonly rest: string;
  readonly size: number;
  readonly anchor: "start" | "end";
  readonly x: number;
  readonly y: number;
}

/** The visible text of a label; another text when there is no label. */
export const readOf = (label: Label | null, otherwise: string): string =>
  label === null ? otherwise : `${label.text} ${label.rest}`.trimEnd();

/** The height of a line, as a share of the size of its font. */
const lineHeight = 1.16;

/** The box that a label fills. */
export function boxOf({ text, rest, size, anchor, x, y }: Label): Box {
  const width = textWidth(joined(text, rest), size);
  const shift = (anchor === "start" ? width : -width) / 2;
  return { x: x + shift, y, width, height: size * lineHeight };
}

const joined = (text: string, rest: string): string => (rest === "" ? text : `${text}  ${rest}`);

/** A label within a width: the addition is cut first, down to its first word. */
export function labelAt(
  at: { readonly x: number; readonly y: number; readonly side: number; readonly size: number },
  { text, rest = "" }: { readonly text: string; readonly rest?: string },
  width: number,
): Label {
  const { x, y, side, size } = at;
  const name = fitted(text, size, width);
  // A truncated first word says nothing.
  const first = `${rest.split(",", 1)[0] ?? ""}…`;
  const cut = name === text && rest !== "" ? fitted(joined(text, rest), size, width) : name;
  return {
    text: name,
    rest:
      cut === joined(text, rest) || cut.length >= joined(text, first).length
        ? cut.slice(text.length + 2)
        : "",
    size,
    anchor: side === 1 ? "start" : "end",
    x,
    y,
  };
}
