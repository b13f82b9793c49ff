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

function holds(descriptor: number, { start, end, nonce }: Range): boolean {
  const sought = Buffer.from(nonce);
  const part = Buffer.alloc(partBytes + sought.length);
  for (let at = start; at < end; at += partBytes) {
    // Each part ends with the beginning of the next: a nonce may lie across the two.
    const length = readSync(descriptor, part, 0, Math.min(part.length, end - at), at);
    if (length === 0) return false;
    if (part.subarray(0, length).includes(sought)) return true;
  }
  return false;
}
