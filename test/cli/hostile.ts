/** Hostile text, and its printable parts: shared by the tests of every command's output. */

import { expect } from "bun:test";
import type { Outcome, Scene } from "./support.ts";

/** Text that must never reach a terminal or a model, by its effect there. */
export const corpus: Readonly<Record<string, string>> = {
  csi: "\x1b[2J\x1b[1;1H\x1b[31m",
  osc: "\x1b]0;title\x07\x1b]8;;http://example.invalid\x1b\\link\x1b]8;;\x1b\\",
  osc52: "\x1b]52;c;cm0gLXJm\x07",
  dcs: '\x1bP$q"p\x1b\\',
  apc: "\x1b_hidden\x1b\\",
  c1: "\x9b31m\x9d0;title\x9c\x90q\x9c\x85",
  carriage: "safe\rfake",
  backspace: "safe\b\b\b\bfake",
  lines: "one\ntwo\r\nthree\u2028four\u2029five\x0bsix\x0cseven",
  nul: "a\0b\x7fc",
  bidi: "\u202eevil\u202c\u2066x\u2069\u200e\u200f\u061c",
  zeroWidth: "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg",
  tags: "\u{e0001}\u{e0068}\u{e0069}\u{e007f}",
  variation: "a\ufe0f\ufe00b\u{e0100}\u{e01ef}",
  fillers: "\u115f\u1160\u3164\uffa0\u17b4\u180e",
  private: "\ue000\u{f0000}\u{10fffd}\uffff\ufdd0",
  surrogate: "\ud800a\udc00",
  marks: `z${"\u0300".repeat(200)}`,
};

const denied = new RegExp(
  "[\\0-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f" +
    "\\u200b-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3164\\ud800-\\udfff\\ue000-\\uf8ff" +
    "\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff" +
    "\\u{e0000}-\\u{e0fff}\\u{f0000}-\\u{10ffff}]",
  "u",
);
const allowed = /^[\p{L}\p{M}\p{N}\p{P}\p{S} \n]*$/u;
/** The only escapes there may be, and only where colour is on. */
const ours = /\x1b\[(?:0|1|2|31|32|33)m/g;

/** Words of the program itself: a reply is recognized by them, not shown. */
const known: ReadonlySet<string> = new Set([
  "event",
  "status",
  "link",
  "direction",
  "harness",
  "answered_by",
]);

/** The value with every other string in it made hostile, but for the fields that are spared. */
export function poisoned<T>(value: T, poison: string, spared: readonly string[] = []): T {
  const turn = (part: unknown, key: string): unknown => {
    if (typeof part === "string") {
      return known.has(key) || spared.includes(key) ? part : `${part.slice(0, 2)}${poison}`;
    }
    if (Array.isArray(part)) return part.map((each) => turn(each, key));
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, turn(each, name)]));
  };
  // Strings stay strings and every other value stays itself, so the shape is the same.
  return turn(value, "") as T;
}

/** The places where a command may print. */
export const scenes: Readonly<Record<string, Scene>> = {
  "a pipe": {},
  "a pipe, as JSON": {},
  "a terminal": { terminal: { stdout: true, stderr: true, columns: 60 } },
  "a terminal in colour": { color: true, terminal: { stdout: true, stderr: true, columns: 200 } },
};

/** More marks on a letter than this smear over other lines; JSON keeps them, as it keeps all. */
const piledMarks = /\p{M}{5}/u;

/** Expects that nothing was printed that a terminal obeys or hides. */
export function check({ out, err }: Outcome, scene: Scene): void {
  const results = scene.color === true ? out.replace(ours, "") : out;
  // The countdown alone goes back to the beginning of its line, and only on a terminal.
  const notes = scene.terminal?.stderr === true ? err.replaceAll("\r", "") : err;
  for (const printed of [results, notes]) {
    expect(denied.exec(printed)?.[0]).toBeUndefined();
    expect(allowed.test(printed)).toBe(true);
    const shown = printed.split("\n").filter((line) => !line.startsWith("{"));
    expect(shown.filter((line) => piledMarks.test(line))).toEqual([]);
  }
}

/** The number of lines of a text. */
export const lineCount = (text: string): number => text.split("\n").length;
