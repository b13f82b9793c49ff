/** Reads small files that others may have put there. Follows no link and waits for nothing. */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { smallFileBytesMax } from "../contract/limits.ts";

/** The text of a file of at most 64 KiB that is ours and no link; null for anything else. */
export function readBounded(path: string): string | null {
  // Without waiting: a pipe in its place must hold nobody up.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = orNull(() => openSync(path, flags));
  if (descriptor === null) return null;
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.uid !== process.geteuid?.()) return null;
    const bytes = new Uint8Array(smallFileBytesMax + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return length > smallFileBytesMax ? null : new TextDecoder().decode(bytes.subarray(0, length));
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}

function orNull<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
