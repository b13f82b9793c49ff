/**
 * Changes single values in the text of a JSON file that a person or a program wrote. Every other
 * byte stays, including comments and order. Refuses a text that it cannot read.
 */

import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parse,
  parseTree,
} from "jsonc-parser";
import { PeernetError } from "../contract/errors.ts";

/** An object of a JSON file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True when a value is an object and no list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The object that a text holds; empty without a text.
 * @throws {bad_request} naming the line that is not JSON
 */
export function readJson(text: string | null): JsonObject {
  if (text === null || text.trim() === "") return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(markOf(text).rest, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split("\n").length;
    throw new PeernetError("bad_request", { message: `not valid JSON in line ${line}` });
  }
  if (!isObject(value)) throw new PeernetError("bad_request", { message: "holds no JSON object" });
  return value;
}

/** The value at a path; undefined when there is none. */
export function valueAt(root: unknown, path: JSONPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/**
 * The text with a value at a path; undefined removes the value.
 * @throws {bad_request} when a value on the path is no object
 */
export function withValue(text: string | null, path: JSONPath, value: unknown): string {
  const { mark, rest: unmarked } = markOf(text);
  if (mark !== "") return mark + withValue(unmarked, path, value);
  const before = textOr(text);
  const { node, rest } = deepest(before, path);
  if (value === undefined) return rest.length > 0 ? before : without(before, node);
  const depth = path.length - rest.length;
  if (rest.length === 0) return replaced(before, node, shaped(before, value, depth));
  if (node.type !== "object") throw occupied(path.slice(0, depth));
  const [key, ...inner] = rest;
  const wrapped = inner.reduceRight<unknown>((held, name) => ({ [name]: held }), value);
  return inserted(before, node, {
    depth: depth + 1,
    write: (shape) => `${JSON.stringify(key)}: ${shape(wrapped)}`,
  });
}

/**
 * The text with a value appended to the list at a path; an absent list is created.
 * @throws {bad_request} when the value at the path is no list
 */
export function withAppended(text: string | null, path: JSONPath, value: unknown): string {
  const { mark, rest: unmarked } = markOf(text);
  if (mark !== "") return mark + withAppended(unmarked, path, value);
  const before = textOr(text);
  const { node, rest } = deepest(before, path);
  if (rest.length > 0) return withValue(text, path, [value]);
  if (node.type !== "array") throw occupied(path);
  return inserted(before, node, { depth: path.length + 1, write: (shape) => shape(value) });
}

/** The byte order mark that some editors write first: kept, and not part of the JSON. */
const markOf = (text: string | null) => {
  const mark = text?.startsWith("\ufeff") ? "\ufeff" : "";
  return { mark, rest: text === null ? "" : text.slice(mark.length) };
};

const textOr = (text: string | null): string =>
  text === null || text.trim() === "" ? "{}\n" : text;

const occupied = (path: JSONPath): PeernetError =>
  new PeernetError("bad_request", { message: `${path.join(".")} is not what it should be` });

/** The last existing value along a path, and the keys that lead on from it. */
function deepest(text: string, path: JSONPath) {
  let node = parseTree(text, [], { allowTrailingComma: true });
  if (node === undefined) throw new PeernetError("bad_request", { message: "not valid JSON" });
  for (const [at, key] of path.entries()) {
    const next = findNodeAtLocation(node, [key]);
    if (next === undefined) return { node, rest: path.slice(at) };
    node = next;
  }
  return { node, rest: [] };
}

const replaced = (text: string, { offset, length }: Node, by: string): string =>
  text.slice(0, offset) + by + text.slice(offset + length);

/**
 * A value to insert into an object or a list: written on one line, or indented like its
 * surroundings.
 */
interface Fragment {
  readonly depth: number;
  readonly write: (shape: (value: unknown) => string) => string;
}

/** Appends a fragment to an object or a list, on one line or several as its container is. */
function inserted(text: string, container: Node, { depth, write }: Fragment): string {
  const last = container.children?.at(-1);
  const start = last === undefined ? container.offset + 1 : last.offset + last.length;
  const close = container.offset + container.length - 1;
  const between = text.slice(start, close);
  const hasComma = commaAt(between) !== null;
  const isOneLine = !text.slice(container.offset, close).includes("\n");
  const isFresh = text === "{}\n";
  if (isOneLine && !isFresh && (last !== undefined || !text.trimEnd().includes("\n"))) {
    const written = write((value) => JSON.stringify(value));
    return `${text.slice(0, start)}${last === undefined ? "" : ", "}${written}${text.slice(start)}`;
  }
  // Comments after the last value stay in place.
  const kept = between.trimEnd();
  const { unit, eol } = styleOf(text);
  const written = write((value) => shaped(text, value, depth));
  const tail = last === undefined ? `${eol}${unit.repeat(depth - 1)}` : between.slice(kept.length);
  // If the last value has a trailing comma, the new last value gets one too.
  const [before, behind] = last === undefined ? ["", ""] : hasComma ? ["", ","] : [",", ""];
  const added = `${before}${kept}${eol}${unit.repeat(depth)}${written}${behind}${tail}`;
  return text.slice(0, start) + added + text.slice(close);
}

/** Removes a value from its object or list, with its comma but no comment. */
function without(text: string, node: Node): string {
  const item = node.parent?.type === "property" ? node.parent : node;
  const siblings = item.parent?.children ?? [];
  const previous = siblings[siblings.indexOf(item) - 1];
  const end = item.offset + item.length;
  const comma = commaAt(text.slice(end));
  const ahead = text.slice(0, item.offset).trimEnd();
  if (comma !== null) return ahead + text.slice(end + comma + 1);
  if (previous === undefined) {
    const behind = text.slice(end);
    return ahead + (/[{[]$/.test(ahead) ? behind.trimStart() : behind);
  }
  const from = previous.offset + previous.length;
  const before = from + (commaAt(text.slice(from)) ?? 0);
  return text.slice(0, before) + ahead.slice(before + 1) + text.slice(end);
}

/** The position of the comma that begins a text, after comments; null when it begins with none. */
function commaAt(text: string): number | null {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) =>
    " ".repeat(comment.length),
  );
  return /^\s*,/.exec(bare)?.[0].lastIndexOf(",") ?? null;
}

/** A value in the file's own format, indented to its depth. */
function shaped(text: string, value: unknown, depth: number): string {
  if (!text.trimEnd().includes("\n") && text !== "{}\n") return JSON.stringify(value);
  const { unit, eol } = styleOf(text);
  return JSON.stringify(value, null, unit).replaceAll("\n", `${eol}${unit.repeat(depth)}`);
}

/** The indentation of one level, and the line ending. */
function styleOf(text: string) {
  const [, unit = "  "] = /\n([ \t]+)\S/.exec(text) ?? [];
  return { unit, eol: text.includes("\r\n") ? "\r\n" : "\n" };
}
