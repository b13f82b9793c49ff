/**
 * Finds the line of a key in the text of a policy. Reads the few forms in which a key can begin a
 * line; a key of an inline table has the line of the table. Pure; loads no zod.
 */

/** A key's place: the names on the way to it, and positions in lists. */
export type KeyPath = readonly (string | number)[];

/** One table of the text: its lines, the first with its header. */
export interface TableLines {
  readonly path: KeyPath;
  readonly from: number;
  /** The line after its last. */
  readonly to: number;
}

const header = /^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$/;
const key = /^\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')((?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=/;

const unquoted = (word: string): string => word.trim().replace(/^(["'])(.*)\1$/, "$2");
const wordsOf = (dotted: string): readonly string[] => dotted.split(".").map(unquoted);

/** The lines of a text, from 1, by the key that begins there. */
interface Found {
  readonly lines: ReadonlyMap<string, number>;
  readonly tables: readonly TableLines[];
}

const textOf = (path: KeyPath): string => JSON.stringify(path);

function found(text: string): Found {
  const lines = new Map<string, number>();
  const tables: { path: KeyPath; from: number; to: number }[] = [];
  const counts = new Map<string, number>();
  let path: KeyPath = [];
  const all = text.split("\n");
  for (const [at, line] of all.entries()) {
    const head = header.exec(line);
    if (head !== null) {
      const words = wordsOf(head[2] ?? "");
      const name = textOf(words);
      const count = counts.get(name) ?? 0;
      if (head[1] === "[[") counts.set(name, count + 1);
      path = head[1] === "[[" ? [...words, count] : words;
      const before = tables.at(-1);
      if (before !== undefined) before.to = at + 1;
      tables.push({ path, from: at + 1, to: all.length + 1 });
      if (!lines.has(textOf(path))) lines.set(textOf(path), at + 1);
      continue;
    }
    const [, first, rest = ""] = key.exec(line) ?? [];
    if (first === undefined) continue;
    const own = [...path, unquoted(first), ...wordsOf(rest).filter((word) => word !== "")];
    if (!lines.has(textOf(own))) lines.set(textOf(own), at + 1);
  }
  return { lines, tables };
}

/** The line of a key, from 1; that of the nearest table around it, else 1. */
export function lineOfKey(text: string, path: KeyPath): number {
  const { lines } = found(text);
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(textOf(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

/** The tables of a text, in their order. */
export const tablesOf = (text: string): readonly TableLines[] => found(text).tables;
