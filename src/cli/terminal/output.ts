/**
 * The one place that writes to a terminal. Every string passes the allow-list printer here, so no
 * command can let a foreign character through; layout and colour are added after that.
 */

import { errorTable, type PeernetError } from "../../contract/errors.ts";
import { fileLine, printable, printableJson } from "../../contract/text/printable.ts";
import type { Io } from "./io.ts";
import { cut, widthOf } from "./text.ts";

/** The style of a text; applied only where colour is on. */
export type Style = "bold" | "dim" | "good" | "warning" | "bad";

/** A text, from anywhere, that is printed as data. */
export type Cell = string | { readonly text: string; readonly style: Style };

/** One line of a table. Its last cell takes the remaining width and widens no column. */
export interface Row {
  readonly cells: readonly Cell[];
  /** The indentation of the row, in columns. */
  readonly indent?: number;
}

/** The layout of a column. */
export interface Column {
  /** Spaces between this column and the next. */
  readonly gap: number;
  /** Its minimum width, so that it does not jump from one listing to the next. */
  readonly min?: number;
  /** Its maximum width on a terminal; longer text ends in `…`. */
  readonly max?: number;
}

const sgr: Readonly<Record<Style, string>> = {
  bold: "\x1b[1m",
  dim: "\x1b[2m",
  good: "\x1b[32m",
  warning: "\x1b[33m",
  bad: "\x1b[31m",
};
const sgrEnd = "\x1b[0m";

/** Prints one line of text as a result, at its full length. */
export const printLine = (io: Io, text: Cell = ""): void => printBlock(io, [{ cells: [text] }], []);

/** Prints rows in columns, none of them cut: the facts about one thing. */
export function printBlock(io: Io, rows: readonly Row[], columns: readonly Column[]): void {
  const clean = rows.map((row) => cleaned(row, []));
  print(io, clean, { columns, width: Number.POSITIVE_INFINITY });
}

/** Prints rows in columns on stderr, none of them cut: the subject of a question. */
export function noteBlock(io: Io, rows: readonly Row[], columns: readonly Column[]): void {
  const clean = rows.map((row) => cleaned(row, []));
  io.err(laidOut(clean, { columns, width: Number.POSITIVE_INFINITY }, false));
}

/**
 * Prints rows in columns: a list of things. A terminal cuts a line to its width; other output is
 * never cut, so that a program gets the complete list.
 */
export function printTable(io: Io, rows: readonly Row[], columns: readonly Column[]): void {
  const terminal = io.terminal();
  const clean = rows.map((row) => cleaned(row, terminal.stdout ? columns : []));
  const width = terminal.stdout ? terminal.columns : Number.POSITIVE_INFINITY;
  print(io, clean, { columns, width });
}

interface Frame {
  readonly columns: readonly Column[];
  /** Columns of the terminal. */
  readonly width: number;
}

function print(io: Io, rows: readonly Clean[], frame: Frame): void {
  const styled = rows.some(({ cells }) => cells.some(({ style }) => style !== null));
  io.out(laidOut(rows, frame, styled && io.color()));
}

function laidOut(rows: readonly Clean[], frame: Frame, color: boolean): string {
  const widths = frame.columns.map((column, at) => widthOfColumn(rows, at, column.min ?? 0));
  const layout = { ...frame, widths, color };
  return rows.map((row) => `${layOut(row, layout)}\n`).join("");
}

interface Clean {
  readonly indent: number;
  readonly cells: readonly { readonly text: string; readonly style: Style | null }[];
}

/** A row of allowed characters only, without empty cells at its end. */
function cleaned(row: Row, columns: readonly Column[]): Clean {
  const cells = row.cells.map((cell, at) => {
    const { text, style } = typeof cell === "string" ? { text: cell, style: null } : cell;
    const max = at < row.cells.length - 1 ? columns[at]?.max : undefined;
    const allowed = printable(text);
    return { text: max === undefined ? allowed : cut(allowed, max), style };
  });
  const end = cells.findLastIndex((cell) => cell.text !== "");
  return { indent: row.indent ?? 0, cells: cells.slice(0, end + 1) };
}

function widthOfColumn(rows: readonly Clean[], at: number, min: number): number {
  return rows.reduce((widest, { cells }) => {
    const cell = at < cells.length - 1 ? cells[at] : undefined;
    return cell === undefined ? widest : Math.max(widest, widthOf(cell.text));
  }, min);
}

interface Layout extends Frame {
  readonly widths: readonly number[];
  readonly color: boolean;
}

function layOut(row: Clean, { columns, widths, width, color }: Layout): string {
  let line = " ".repeat(row.indent);
  let used = row.indent;
  for (const [at, cell] of row.cells.entries()) {
    const text = cut(cell.text, width - used);
    line += cell.style !== null && color ? `${sgr[cell.style]}${text}${sgrEnd}` : text;
    used += widthOf(text);
    if (text !== cell.text || at === row.cells.length - 1) break;
    // A cell without a column of its own stands apart from the next all the same.
    const padding = Math.max(0, (widths[at] ?? 0) - widthOf(text)) + (columns[at]?.gap ?? 2);
    if (used + padding >= width) break;
    line += " ".repeat(padding);
    used += padding;
  }
  return line;
}

/** Prints a value as one line of JSON; characters outside the allow-list are escaped. */
export const printJson = (io: Io, value: unknown): void => io.out(`${printableJson(value)}\n`);

/** Prints values as JSON lines in one write. */
export const printJsonLines = (io: Io, values: readonly unknown[]): void =>
  io.out(values.map((value) => `${printableJson(value)}\n`).join(""));

/** Prints lines of a file. */
export const printFileLines = (io: Io, lines: readonly string[]): void =>
  io.out(lines.map((line) => `${fileLine(line)}\n`).join(""));

/** Prints lines of a file; for a file or another program, with their tabs. */
export function printContent(io: Io, lines: readonly string[]): void {
  const keepingTabs = (line: string): string => line.replace(/[^ \t]+/g, (word) => printable(word));
  io.out(`${lines.map(io.terminal().stdout ? fileLine : keepingTabs).join("\n")}\n`);
}

/**
 * Prints the text of a file for a file or another program: byte for byte, but for the characters
 * that could act on a terminal. Returns the number of those.
 */
export function printExact(io: Io, text: string): number {
  let replaced = 0;
  const shown = text.replace(/[^ \t\n]+/g, (word) => {
    const allowed = printable(word);
    if (allowed === word) return word;
    replaced += Math.max(1, [...word].filter((each) => printable(each) !== each).length);
    return allowed;
  });
  io.out(shown);
  return replaced;
}

/** Prints progress or a hint on stderr. */
export const note = (io: Io, text: string): void => io.err(`${printable(text)}\n`);

/** Prints lines of a text on stderr: the subject of a question. */
export const noteLines = (io: Io, lines: readonly string[]): void =>
  io.err(lines.map((line) => `${fileLine(line)}\n`).join(""));

/** Asks on stderr for a line of stdin. */
export function prompt(io: Io, text: string): Promise<string | null> {
  io.err(printable(text));
  return io.readLine();
}

/**
 * Overwrites the cursor's line on stderr; an empty text clears it. `widthBefore` is the former
 * call's return. Returns the columns written.
 */
export function overwrite(io: Io, text: string, widthBefore: number): number {
  const room = Math.max(0, io.terminal().columns - 1);
  const line = cut(printable(text), room);
  const width = widthOf(line);
  const rest = Math.max(0, Math.min(widthBefore, room) - width);
  io.err(`\r${line}${" ".repeat(rest)}${width === 0 ? "\r" : ""}`);
  return width;
}

/** Prints one error: two lines on stderr, or with JSON one object on stdout. */
export function report(io: Io, error: PeernetError, json: boolean): number {
  if (json) printJson(io, { error: error.body });
  else failure(io, error);
  return errorTable[error.code].exit;
}

/** Prints a failure's reason and its one remedy. */
export function failure(io: Io, texts: { readonly message: string; readonly hint: string }): void {
  note(io, `peernet: error: ${texts.message}`);
  note(io, `peernet: hint: ${texts.hint}`);
}

/** A permanent screen: its head, its entries, the chosen entry, and its foot. */
export interface Drawn {
  readonly head: Row;
  /** Each entry has one line or several, which stay together. */
  readonly entries: readonly (readonly Row[])[];
  readonly chosen: number;
  readonly columns: readonly Column[];
  readonly foot: string;
}

/**
 * The text of a screen: exactly the terminal's lines, scrolled so that the chosen entry is visible.
 */
export function screenText(io: Io, { head, entries, chosen, columns, foot }: Drawn): string {
  const { columns: width, rows: height } = io.terminal();
  const color = io.color();
  const frame = { columns, width };
  const room = Math.max(1, height - 3);
  const clean = entries.map((rows) => rows.map((row) => cleaned(row, columns)));
  const widths = columns.map((column, at) => widthOfColumn(clean.flat(), at, column.min ?? 0));
  const lines = clean.flatMap((rows, at) =>
    rows.map((row) => ({ at, text: layOut(row, { ...frame, widths, color }) })),
  );
  const first = Math.max(0, lines.findLastIndex(({ at }) => at === chosen) - room + 1);
  const shown = lines
    .slice(first, first + room)
    .map(({ at, text }) => (at === chosen ? mark(text, width) : text));
  const topRow = cleaned(head, []);
  const topWidths = [widthOfColumn([topRow], 0, 0)];
  const top = layOut(topRow, { columns: [{ gap: 3 }], widths: topWidths, width, color });
  const rest = Array.from({ length: room - shown.length }, () => "");
  return [top, "", ...shown, ...rest, cut(printable(foot), width)].slice(0, height).join("\n");
}

/** A line that stands out from the others, also without colours. */
const mark = (text: string, width: number): string => {
  const plain = text.replaceAll(/\x1b\[[0-9]*m/g, "");
  const padded = plain + " ".repeat(Math.max(0, width - widthOf(plain)));
  return `\x1b[7m${padded}${sgrEnd}`;
};

/**
 * Takes over the screen; returns a function to draw on it and a function to restore the terminal.
 */
export function takeScreen(io: Io): { draw(text: string): void; end(): void } {
  let last = "";
  // xterm's alternate screen, without a cursor: the terminal's former content comes back
  // afterwards.
  io.out("\x1b[?1049h\x1b[?25l");
  return {
    draw: (text) => {
      if (text === last) return;
      last = text;
      io.out(`\x1b[H${text.replaceAll("\n", "\x1b[K\r\n")}\x1b[K\x1b[J`);
    },
    end: () => io.out("\x1b[?25h\x1b[?1049l"),
  };
}

/** Rings the terminal's bell. */
export const ring = (io: Io): void => io.err("\x07");
