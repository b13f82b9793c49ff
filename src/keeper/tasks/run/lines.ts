/** Cuts a stream into lines of a bounded length; longer ones are passed over. */

/** Takes bytes, and calls back with each whole line. */
export interface LineFeed {
  feed(bytes: Uint8Array): void;
}

const newline = 0x0a;

/** Feeds the lines of a stream to a function, without their ends. */
export function feedLines(bytesMax: number, line: (text: string) => void): LineFeed {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (piece: Uint8Array): void => {
    length += piece.length;
    if (length > bytesMax) parts = [];
    else if (piece.length > 0) parts.push(piece.slice());
  };
  const end = (): void => {
    if (length <= bytesMax) line(Buffer.concat(parts).toString("utf8"));
    parts = [];
    length = 0;
  };
  return {
    feed: (bytes) => {
      let from = 0;
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
        add(bytes.subarray(from, at));
        end();
        from = at + 1;
      }
      add(bytes.subarray(from));
    },
  };
}
