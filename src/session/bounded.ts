/** Reads files that others may have put there. Follows no link and never blocks. */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { smallFileBytesMax } from "../contract/limits.ts";

/** The text of our own file of at most 64 KiB that is no link; null for anything else. */
export function readBounded(path: string): string | null {
  const bytes = opened(path, (descriptor) => {
    const isOurs = fstatSync(descriptor).uid === process.geteuid?.();
    return isOurs ? contentOf(descriptor, smallFileBytesMax) : null;
  });
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/**
 * The bytes of a regular file at exactly this path, without a link on the way; null for anything
 * else. The given path must have no link in it. Linux detects a link that appears meanwhile, by the
 * path of the opened file.
 */
export function readInPlace(path: string, bytesMax: number): Uint8Array<ArrayBuffer> | null {
  return opened(path, (descriptor) =>
    isAt(descriptor, path) ? contentOf(descriptor, bytesMax) : null,
  );
}

/** The size of our own regular file that is no link; null for anything else. Opens nothing. */
export function ownFileBytes(path: string): number | null {
  const stats = orNull(() => lstatSync(path));
  const isOurs = stats?.isFile() === true && stats.uid === process.geteuid?.();
  return isOurs ? stats.size : null;
}

function opened<T>(path: string, use: (descriptor: number) => T | null): T | null {
  // Non-blocking: a pipe in its place must not hang the reader.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = orNull(() => openSync(path, flags));
  if (descriptor === null) return null;
  try {
    return fstatSync(descriptor).isFile() ? use(descriptor) : null;
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/** True when the kernel reports this path for an open file; always true where it reports none. */
function isAt(descriptor: number, path: string): boolean {
  if (process.platform !== "linux") return true;
  return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
}

function contentOf(descriptor: number, bytesMax: number): Uint8Array<ArrayBuffer> | null {
  const size = Math.min(fstatSync(descriptor).size, bytesMax);
  let bytes = new Uint8Array(size + 1);
  let length = 0;
  for (let read = -1; read !== 0; length += read) {
    if (length > bytesMax) return null;
    // A file that grows during the read is read on, up to the bound.
    if (length === bytes.length) bytes = grown(bytes, bytesMax + 1);
    read = readSync(descriptor, bytes, length, bytes.length - length, null);
  }
  return length > bytesMax ? null : bytes.subarray(0, length);
}

function grown(bytes: Uint8Array, bytesMax: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(2 * bytes.length + 64, bytesMax));
  larger.set(bytes);
  return larger;
}

function orNull<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
