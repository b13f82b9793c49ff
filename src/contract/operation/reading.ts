/** Reads streams of bytes within limits: as one value, or line by line. Loads no zod. */

import { concatenate } from "../text/encoding.ts";

/** Reads a stream to its end; stops and returns null when it has more bytes than that. */
export async function readAtMost(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > bytesMax) return null;
    parts.push(chunk);
  }
  return concatenate(parts);
}

/** One line of a stream, without its end. */
export interface ByteLine {
  /** Null, once, as soon as the line is over the limit; its other bytes are dropped. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** False for the bytes after the last line end, when the stream ended. */
  readonly isWhole: boolean;
}

const newline = 0x0a;

/** The lines of a stream, including empty ones, each within a limit of bytes. */
export async function* byteLines(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<ByteLine> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = 0; end >= 0; from = end + 1) {
      end = chunk.indexOf(newline, from);
      // The stream may reuse its chunk.
      const piece = end < 0 ? chunk.slice(from) : chunk.subarray(from, end);
      const wasOver = length > bytesMax;
      length += piece.length;
      if (length <= bytesMax) parts.push(piece);
      else {
        parts = [];
        if (!wasOver) yield { bytes: null, isWhole: false };
      }
      if (end < 0) break;
      if (length <= bytesMax) yield { bytes: concatenate(parts), isWhole: true };
      parts = [];
      length = 0;
    }
  }
  if (length > 0 && length <= bytesMax) yield { bytes: concatenate(parts), isWhole: false };
}

/**
 * The texts of a stream's lines, without empty ones and without a last one that was cut.
 * @throws RangeError as soon as a line has more bytes than that
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const { bytes, isWhole } of byteLines(chunks, bytesMax)) {
    if (bytes === null) throw new RangeError(`a line has over ${bytesMax} bytes`);
    if (isWhole && bytes.length > 0) yield decoder.decode(bytes);
  }
}
