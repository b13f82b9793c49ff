/**
 * Changes single keys and tables in the text of a TOML file; comments and order stay. Works on
 * lines, and checks each result: exactly the intended change, or a refusal.
 */

import { PeernetError } from "../contract/errors.ts";

type Table = Readonly<Record<string, unknown>>;

/** A value that can be written: a string, a number, a list of strings, a table of strings. */
export type TomlValue = string | number | readonly string[] | Readonly<Record<string, string>>;
/** A table to be written. */
export type TomlTable = Readonly<Record<string, TomlValue>>;

/** The values in a TOML text. @throws {bad_request} naming the fault */
export function readToml(text: string | null): Table {
  try {
    // Bun's parser gives an object for any TOML document.
    return Bun.TOML.parse(text ?? "") as Table;
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new PeernetError("bad_request", { message: `not valid TOML${why && `: ${why}`}` });
  }
}

/** A value as TOML writes it in one line. */
export function tomlValue(value: TomlValue): string {
  if (typeof value === "string") return tomlString(value);
  if (typeof value === "number") return String(value);
  if (isList(value)) return `[${value.map(tomlString).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, each]) => `${key} = ${tomlString(each)}`);
  return `{ ${pairs.join(", ")} }`;
}

const isList = (value: TomlValue): value is readonly string[] => Array.isArray(value);

/** JSON's escapes are TOML's, except that TOML also requires DEL to be escaped. */
const tomlString = (text: string): string => JSON.stringify(text).replaceAll("\x7f", "\\u007f");

/**
 * The text with a key of a table set, its comment kept; null removes the key.
 * @throws {bad_request} when the text's form cannot be changed safely
 */
export function withKey(
  text: string | null,
  [table, key]: readonly [string, string],
  value: TomlValue | null,
): string {
  const before = readToml(text);
  const lines = linesOf(text ?? "");
  const at = tableAt(lines, table);
  const found = at === null ? null : keyAt(lines, at, key);
  if (value === null) {
    if (found !== null) lines.splice(found.start, found.count);
  } else {
    const written = tomlValue(value);
    const line = `${key} = ${written}${breakOf(text).return}`;
    if (found !== null) {
      lines.splice(found.start, found.count, `${found.head}${written}${found.tail}`);
    } else if (at !== null) {
      ended(lines, at.end, text);
      lines.splice(at.end, 0, line);
    } else lines.push(...gapAfter(lines, text), `[${table}]${breakOf(text).return}`, line);
  }
  return checked(before, textOf(lines, text), [...table.split("."), ...key.split("."), value]);
}

/** The line break that a text uses, and whether its last line ends with one. */
function breakOf(text: string | null): { readonly return: string; readonly last: boolean } {
  const isWindows = /^[^\n]*\r\n/.test(text ?? "");
  return { return: isWindows ? "\r" : "", last: !text || text.endsWith("\n") };
}

/** Ends the last line when another line follows it. */
function ended(lines: string[], at: number, text: string | null): void {
  const { return: mark, last } = breakOf(text);
  if (at === lines.length && !last && lines.length > 0) lines.push(`${lines.pop()}${mark}`);
}

/** The empty line before a table that is appended. */
function gapAfter(lines: string[], text: string | null): readonly string[] {
  ended(lines, lines.length, text);
  const isBare = lines.length === 0 || lines.at(-1)?.trim() === "";
  return isBare ? [] : [breakOf(text).return];
}

/**
 * The text with a table in place of the table of that name and its subtables; null removes them.
 * @throws {bad_request} when the text's form cannot be changed safely
 */
export function withTable(text: string | null, name: string, entries: TomlTable | null): string {
  const before = readToml(text);
  const lines = linesOf(text ?? "");
  let start: number | null = null;
  for (let at = tableAt(lines, name, true); at !== null; at = tableAt(lines, name, true)) {
    start ??= at.start;
    lines.splice(at.start, at.end - at.start);
  }
  const written = Object.entries(entries ?? {}).map(
    ([key, value]) => `${key} = ${tomlValue(value)}`,
  );
  const isBlank = (line: string | undefined): boolean => line === "" || line === "\r";
  if (entries !== null) {
    const table = [`[${name}]`, ...written].map((line) => `${line}${breakOf(text).return}`);
    if (start === null) lines.push(...gapAfter(lines, text), ...table);
    else lines.splice(start, 0, ...table);
  } else if (start !== null && isBlank(lines[start - 1]) && isBlank(lines[start] ?? "")) {
    // The empty line that separated the table from the text before it.
    lines.splice(start - 1, 1);
  }
  return checked(before, textOf(lines, text), [...name.split("."), entries]);
}

/** True when a table holds a dotted key that begins with this one. */
export function hasDottedKey(text: string, [table, key]: readonly [string, string]): boolean {
  const lines = linesOf(text);
  const at = tableAt(lines, table);
  const dotted = new RegExp(`^\\s*${key}\\s*\\.`);
  return at !== null && lines.slice(at.start, at.end).some((line) => dotted.test(line));
}

/** True when a table of that name has a header of its own. */
export const hasTable = (text: string, name: string): boolean =>
  tableAt(linesOf(text), name) !== null;

interface Range {
  /** The line of the header. */
  readonly start: number;
  /**
   * The line after the last that belongs to the table: a following comment may belong to the next.
   */
  readonly end: number;
}

function tableAt(lines: readonly string[], name: string, below = false): Range | null {
  const header = /^\s*\[\s*([^[\]]+?)\s*\]\s*(#[^\n]*)?$/;
  const nameOf = (line: string): string | null =>
    header.exec(line)?.[1]?.replace(/["']|\s+(?=\.)|(?<=\.)\s+/g, "") ?? null;
  const start = lines.findIndex((line) => {
    const found = nameOf(line);
    return found === name || (below && found?.startsWith(`${name}.`) === true);
  });
  if (start < 0) return null;
  const next = lines.findIndex((line, at) => at > start && /^\s*\[/.test(line) && isHeader(line));
  let end = next < 0 ? lines.length : next;
  while (end > start + 1 && /^\s*(#[^\n]*)?$/.test(lines[end - 1] ?? "")) end--;
  return { start, end };
}

/** A line that opens a table, not one inside a list. */
const isHeader = (line: string): boolean => /^\s*\[\[?[^[\],]+\]\]?\s*(#[^\n]*)?$/.test(line);

interface FoundKey {
  readonly start: number;
  readonly count: number;
  /** The text before the value, and the comment after it. */
  readonly head: string;
  readonly tail: string;
}

function keyAt(lines: readonly string[], table: Range, key: string): FoundKey | null {
  const head = new RegExp(`^\\s*["']?${key}["']?\\s*=\\s*`);
  for (let start = table.start + 1; start < table.end; start++) {
    const begun = head.exec(lines[start] ?? "");
    if (begun === null) continue;
    for (let end = start; end < table.end; end++) {
      const written = lines
        .slice(start, end + 1)
        .join("\n")
        .slice(begun[0].length);
      const tail = tailOf(written);
      if (tail !== null) return { start, count: end - start + 1, head: begun[0], tail };
    }
  }
  return null;
}

/** The text after the value that a text begins with; null when the value is not complete yet. */
function tailOf(written: string): string | null {
  const ends = [...written.matchAll(/\s*#/g)].map(({ index }) => index);
  for (const end of [...ends, written.trimEnd().length]) {
    try {
      Bun.TOML.parse(`value = ${written.slice(0, end)}`);
      return written.slice(end);
    } catch {
      // A `#` inside a string, or a list that continues on the next line.
    }
  }
  return null;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The lines as a text whose last line ends as the former text's did. */
function textOf(lines: readonly string[], former: string | null): string {
  if (lines.length === 0) return "";
  const text = lines.join("\n");
  return breakOf(former).last ? `${text}\n` : text.replace(/\r$/, "");
}

function checked(before: Table, result: string, meant: readonly unknown[]): string {
  const path = meant.slice(0, -1).map(String);
  if (isMeant(before, result, [path, meant.at(-1)])) return result;
  throw new PeernetError("bad_request", {
    message: `${path.join(".")} is written in a way that cannot be changed safely`,
    hint: `write it as a table [${path.slice(0, -1).join(".")}]`,
  });
}

function isMeant(
  before: Table,
  result: string,
  [path, wanted]: readonly [readonly string[], unknown],
): boolean {
  try {
    const after = readToml(result);
    const set = at(after, path);
    const isSet = wanted === null ? set === undefined : Bun.deepEquals(set, wanted);
    return isSet && Bun.deepEquals(pruned(before, path), pruned(after, path));
  } catch {
    // The form of the neighbouring keys does not allow this value.
    return false;
  }
}

const at = (table: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => Object(value)[key], table);

/** A copy without the value at a path, and without tables that this empties. */
function pruned(table: unknown, path: readonly string[]): unknown {
  const [key = "", ...rest] = path;
  const copy: Record<string, unknown> = { ...Object(table) };
  if (rest.length === 0) delete copy[key];
  else if (key in copy) copy[key] = pruned(copy[key], rest);
  const inner = copy[key];
  if (typeof inner === "object" && inner !== null && Object.keys(inner).length === 0) {
    delete copy[key];
  }
  return copy;
}
