/** Reads a stream line by line, each of a bounded length. Knows nothing of its content. */

/** The lines of a stream. */
export interface Lines {
  /** The next line without its end; null at the end of the stream. @throws when it is too long */
  next(): Promise<string | null>;
}

/** The longest line: an answer is far shorter. */
const lineBytesMax = 4_194_304;

/** Reads the lines of a stream. */
export function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Lines {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let held = "";
  let isOver = false;
  const next = async (): Promise<string | null> => {
    for (;;) {
      const end = held.indexOf("\n");
      if (end >= 0) {
        const line = held.slice(0, end);
        held = held.slice(end + 1);
        return line;
      }
      if (isOver) return null;
      if (held.length > lineBytesMax) throw new RangeError("a line is too long");
      const { value, done } = await reader.read();
      if (done) isOver = true;
      else held += decoder.decode(value, { stream: true });
    }
  };
  return { next };
}
