/**
 * Reads the payload of a hook: one JSON object, used as soon as it is complete. Some agents keep
 * the pipe open after it.
 */

const [quote, backslash, open, close] = [0x22, 0x5c, 0x7b, 0x7d];
const [openList, closeList] = [0x5b, 0x5d];
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * The bytes of a stream's first JSON object, or of the full stream when it begins with none. Null
 * when more than `bytesMax` came, or when other text than white space came with the object.
 */
export async function readObject(
  input: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  const end = objectEnd();
  let length = 0;
  for await (const chunk of input) {
    length += chunk.length;
    // An agent may write everything, and would notice that its reader has gone.
    if (length > bytesMax) continue;
    chunks.push(chunk);
    const at = end(chunk);
    if (at !== null) return chunk.subarray(at).every(isSpace) ? Buffer.concat(chunks) : null;
  }
  return length <= bytesMax ? Buffer.concat(chunks) : null;
}

/**
 * Follows a JSON text chunk by chunk; returns the position at which its first object is complete.
 */
function objectEnd(): (chunk: Uint8Array) => number | null {
  let depth = 0;
  let isObject: boolean | null = null;
  let isInString = false;
  let isEscaped = false;
  return (chunk) => {
    for (const [at, byte] of chunk.entries()) {
      if (isObject === null && !isSpace(byte) && !byteOrderMark.includes(byte)) {
        isObject = byte === open;
      }
      if (isObject === false) return null;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) isInString = false;
      } else if (byte === quote) isInString = true;
      else if (byte === open || byte === openList) depth += 1;
      else if (byte === close || byte === closeList) {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    return null;
  };
}

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
