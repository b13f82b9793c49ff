/** Looks through files for bytes that must not leave. */

import { closeSync, openSync, readSync } from "node:fs";

/**
 * A search of bytes as they come; true from those on that complete such bytes. Neighbouring bytes
 * overlap as pieces of a file do.
 */
export function holdsSoFar(
  holds: ((bytes: Uint8Array) => boolean) | null,
): (bytes: Uint8Array) => boolean {
  if (holds === null) return () => false;
  let last = Buffer.alloc(0);
  let isHeld = false;
  return (bytes) => {
    const all = Buffer.concat([last, bytes]);
    isHeld ||= holds(all);
    last = Buffer.from(all.subarray(Math.max(0, all.length - overlapBytes)));
    return isHeld;
  };
}

const pieceBytes = 1_048_576;
/** Pieces overlap by more than any form of a key. */
const overlapBytes = 16_384;

/** True when a file holds such bytes. @throws when it cannot be read */
export function holdsIn(path: string, holds: (bytes: Uint8Array) => boolean): boolean {
  const descriptor = openSync(path, "r");
  const piece = Buffer.alloc(pieceBytes + overlapBytes);
  try {
    for (let at = 0; ; at += pieceBytes) {
      const read = readSync(descriptor, piece, 0, piece.length, at);
      if (holds(piece.subarray(0, read))) return true;
      if (read < piece.length) return false;
    }
  } finally {
    closeSync(descriptor);
  }
}
