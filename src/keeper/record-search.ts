/**
 * Looks for a nonce in a client's own record of a session. Opens exactly the given file, when it is
 * a file of this user and no link; keeps and tells nothing of its content.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { recordBytesMax } from "../contract/delivery/limits.ts";

/** A file, the byte to begin at, and the bytes to find. */
export interface Wanted {
  readonly path: string;
  readonly from: number;
  readonly nonce: string;
}

/** The result of a search; `unreadable` when it proves nothing. */
export type SearchResult = "there" | "not_there" | "unreadable";

/** A file of this size is read in so many parts. */
const partBytes = 1_048_576;

/**
 * Searches the file from a byte on, at most 8 MiB of it. A file that is shorter than that byte was
 * written again, and is searched from its beginning.
 */
export function searchRecord({ path, from, nonce }: Wanted): SearchResult {
  const descriptor = openRecord(path);
  if (descriptor === null) return "unreadable";
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.uid !== process.geteuid?.()) return "unreadable";
    const start = from <= stats.size ? from : 0;
    if (stats.size - start > recordBytesMax) return "unreadable";
    return holds(descriptor, { start, end: stats.size, nonce }) ? "there" : "not_there";
  } catch {
    return "unreadable";
  } finally {
    closeSync(descriptor);
  }
}

function openRecord(path: string): number | null {
  // Non-blocking: a pipe in its place must not hang the keeper.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(path, flags);
  } catch {
    return null;
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly nonce: string;
}

/**
 * Codex notes that a tool has ended a moment before it takes the result into the conversation: it
 * comes back from the later line alone.
 */
const eventLine = /^\{"timestamp":"[^"]{0,64}",(?:"ordinal":\d{1,16},)?"type":"event_msg"/;
const lineHeadBytes = 160;

/** True when a line of the conversation holds the nonce. Reads each line once. */
function holds(descriptor: number, { start, end, nonce }: Range): boolean {
  const sought = Buffer.from(nonce);
  for (let at = start; ; ) {
    const found = indexIn(descriptor, { start: at, end, sought });
    if (found < 0) return false;
    const head = Buffer.alloc(lineHeadBytes);
    const length = readSync(descriptor, head, 0, head.length, lineStart(descriptor, found));
    if (!eventLine.test(head.toString("latin1", 0, length))) return true;
    const lineEnd = indexIn(descriptor, { start: found, end, sought: newline });
    if (lineEnd < 0) return false;
    at = lineEnd;
  }
}

const newline = Buffer.from("\n");

/** The place of some bytes in a part of a file; -1 without them. */
function indexIn(
  descriptor: number,
  { start, end, sought }: Omit<Range, "nonce"> & { readonly sought: Buffer },
): number {
  const part = Buffer.alloc(Math.min(end - start, partBytes) + sought.length);
  for (let at = start; at < end; at += partBytes) {
    // Each part ends with the beginning of the next: the bytes may lie across the two.
    const length = readSync(descriptor, part, 0, Math.min(part.length, end - at), at);
    if (length === 0) return -1;
    const index = part.subarray(0, length).indexOf(sought);
    if (index >= 0) return at + index;
  }
  return -1;
}

/** The first byte of the line that holds a byte. */
function lineStart(descriptor: number, place: number): number {
  const part = Buffer.alloc(lineBackBytes);
  for (let end = place; end > 0; end -= lineBackBytes) {
    const start = Math.max(0, end - lineBackBytes);
    const length = readSync(descriptor, part, 0, end - start, start);
    const index = part.subarray(0, length).lastIndexOf(newline);
    if (index >= 0) return start + index + 1;
  }
  return 0;
}

/** A line is looked for its beginning in such parts. */
const lineBackBytes = 65_536;
