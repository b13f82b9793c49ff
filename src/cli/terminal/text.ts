/** Cuts, wraps and words text for a terminal. Pure; knows nothing of styles or streams. */

import { grouped } from "../../contract/text/numeral.ts";

/** The width of a text in columns; a wide character takes two, a combining mark none. */
export const widthOf = (text: string): number => Bun.stringWidth(text);

/** The text, or as much of its beginning as fits, ending in `…`. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  return `${takeColumns(text, columns - 1)}…`;
}

/** Columns of a word that an error repeats. */
const quotedColumns = 40;

/** A typed word as an error repeats it: only the beginning of a long one. */
export const typed = (word: string): string => cut(word, quotedColumns);

/** The longest beginning of a text within that many columns. */
function takeColumns(text: string, columns: number): string {
  let taken = "";
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    taken += character;
  }
  return taken;
}

/** Breaks a text between words, or inside one that alone is too long, into lines that fit. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (widthOf(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (widthOf(line) > columns) {
      // At least one character a line: a wide one in a narrow space would never end.
      const piece = takeColumns(line, columns) || ([...line][0] ?? "");
      lines.push(piece);
      line = line.slice(piece.length);
    }
  }
  lines.push(line);
  return lines;
}

/** A number with its noun: `1 record`, `1,204 records`. */
export const counted = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${grouped(count)} ${count === 1 ? noun : nouns}`;
