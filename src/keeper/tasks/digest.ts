/** SHA-256 of bytes and files, in lower-case hexadecimal. */

import { closeSync, openSync, readSync } from "node:fs";

/** The digest of bytes. */
export const digestOf = (bytes: Uint8Array | string): string =>
  new Bun.SHA256().update(bytes).digest("hex");

const pieceBytes = 1_048_576;

/** The size and digest of a file, read once. @throws when it cannot be read */
export function fileDigest(path: string): { readonly bytes: number; readonly sha256: string } {
  const hash = new Bun.SHA256();
  const piece = new Uint8Array(pieceBytes);
  const descriptor = openSync(path, "r");
  let bytes = 0;
  try {
    for (;;) {
      const read = readSync(descriptor, piece, 0, piece.length, null);
      if (read === 0) return { bytes, sha256: hash.digest("hex") };
      hash.update(piece.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(descriptor);
  }
}
