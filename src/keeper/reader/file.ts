/** Reads one file of a commit, by lines, its size first. */

import { readFileBytesMax, readLinesMax, readReplyBytesMax } from "../../contract/reads/limits.ts";
import type { FileInput, FileOutput, OperationEnd } from "../../contract/reads/reads.ts";
import type { Objects } from "./git.ts";
import type { Commit, Entry } from "./tree.ts";

/** An open commit, and the judge of its paths. */
export interface Readable {
  readonly objects: Objects;
  readonly commit: Commit;
  readonly isDenied: (path: string) => boolean;
}

/** A link's text of more is none that a system would follow. */
const linkBytesMax = 4_096;
const binaryLookBytes = 8_000;

/** True for content that is no text: a zero byte stands near its beginning. */
export const isBinary = (body: Buffer): boolean => body.subarray(0, binaryLookBytes).includes(0);

/** Reads a file. A denied path is answered like an absent one. */
export async function readFile(
  { objects, commit, isDenied }: Readable,
  input: FileInput,
): Promise<OperationEnd> {
  const entry = commit.entries.get(input.path);
  if (entry === undefined || isDenied(entry.path)) {
    return { end: "absent", denied: entry !== undefined };
  }
  if (entry.kind === "submodule")
    return ended(entry, { kind: "submodule", body: Buffer.from(entry.name) }, input);
  const [head] = await objects.heads([entry.name]);
  if (head === null || head?.type !== "blob") return { end: "absent", denied: false };
  const bytesMax = entry.kind === "link" ? linkBytesMax : readFileBytesMax;
  if (head.bytes > bytesMax) return { end: "too_large", bytes: head.bytes };
  for await (const object of objects.contents([entry.name])) {
    if (object === null) break;
    const { body } = object;
    if (entry.kind === "link") return ended(entry, { kind: "link", body }, input);
    if (isBinary(body)) return { end: "file", value: binary(entry, body) };
    const kind = body.toString("latin1", 0, lfs.length) === lfs ? "lfs" : "text";
    return ended(entry, { kind, body }, input);
  }
  return { end: "absent", denied: false };
}

const lfs = "version https://git-lfs.github.com/spec/v1\n";

const binary = ({ path }: Entry, body: Buffer): FileOutput => ({
  ...{ path, kind: "binary", bytes: body.length, first_line: 1, text: null },
  ...{ incomplete: null, total: null, cursor: null },
});

function ended(
  { path }: Entry,
  { kind, body }: { readonly kind: FileOutput["kind"]; readonly body: Buffer },
  { lines: asked, cursor }: FileInput,
): OperationEnd {
  const text = body.toString("utf8");
  // A line feed ends a line; it begins none.
  const lines = text.replace(/\n$/, "").split("\n");
  const from = cursor === null ? (asked?.from ?? 1) - 1 : Number(cursor);
  const to = Math.min(asked?.to ?? lines.length, lines.length);
  const { taken, isCut } = fitting(lines.slice(from, Math.min(to, from + readLinesMax)));
  const next = from + Math.max(1, taken.length);
  const isMore = next < to;
  const isToItsEnd = taken.length > 0 && !isMore && !isCut;
  return {
    end: "file",
    value: {
      ...{ path, kind, bytes: body.length, first_line: Math.min(from, lines.length) + 1 },
      text: taken.join("\n") + (isToItsEnd && text.endsWith("\n") ? "\n" : ""),
      incomplete: isMore || isCut ? "more" : null,
      total: lines.length,
      cursor: isMore ? String(next) : null,
    },
  };
}

/** Bytes of a text inside a reply. */
export const encodedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** As many lines as fit into a reply; a first line that alone does not fit is cut. */
function fitting(lines: readonly string[]): {
  readonly taken: readonly string[];
  readonly isCut: boolean;
} {
  let left = readReplyBytesMax;
  const taken: string[] = [];
  for (const line of lines) {
    left -= encodedBytes(line);
    if (left < 0) break;
    taken.push(line);
  }
  const [first] = lines;
  if (taken.length > 0 || first === undefined) return { taken, isCut: false };
  // Six bytes are the most that one character takes.
  return { taken: [first.slice(0, readReplyBytesMax / 6).toWellFormed()], isCut: true };
}
