import { describe, expect, test } from "bun:test";
import {
  type ByteLine,
  byteLines,
  linesOf,
  readAtMost,
} from "../../../src/contract/operation/reading.ts";

/** A text in pieces of so many bytes, all in one buffer; counts the bytes that were read. */
function pieces(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  const state = { read: 0, ended: false };
  const buffer = new Uint8Array(size);
  const chunks = async function* () {
    try {
      for (let at = 0; at < bytes.length; at += size) {
        const piece = bytes.subarray(at, at + size);
        buffer.set(piece);
        state.read += piece.length;
        yield buffer.subarray(0, piece.length);
      }
    } finally {
      state.ended = true;
    }
  };
  return { chunks: chunks(), state };
}

describe("readAtMost()", () => {
  test("readAtMost() gives all bytes at the bound, and null one byte over it", async () => {
    const all = async (max: number) => readAtMost(new Blob(["héllo"]).stream(), max);
    expect(await all(6)).toEqual(new TextEncoder().encode("héllo"));
    expect(await all(5)).toBeNull();
    expect(await readAtMost(new Blob([]).stream(), 0)).toEqual(new Uint8Array());
  });

  test("readAtMost() ends a stream when it is over the bound", async () => {
    const { chunks, state } = pieces("x".repeat(1_000), 10);
    expect(await readAtMost(chunks, 25)).toBeNull();
    expect(state).toEqual({ read: 30, ended: true });
  });
});

describe("byteLines()", () => {
  const decoded = ({ bytes, isWhole }: ByteLine): string =>
    `${bytes === null ? "over" : new TextDecoder().decode(bytes)}${isWhole ? "|" : ""}`;
  test("byteLines() tells each line once, however its bytes come", async () => {
    for (const size of [1, 2, 3, 5, 100]) {
      const found: string[] = [];
      const { chunks } = pieces("é\n\nfour\ntoo long\nab\ncut", size);
      for await (const line of byteLines(chunks, 4)) found.push(decoded(line));
      expect([size, found]).toEqual([size, ["é|", "|", "four|", "over", "ab|", "cut"]]);
    }
  });
});

describe("linesOf()", () => {
  test("linesOf() bounds a line by its bytes, and reads no further than the bound", async () => {
    const lines = async (text: string, max: number) =>
      Array.fromAsync(linesOf(pieces(text, 3).chunks, max));
    expect(await lines("éé\n\nb\ncut", 4)).toEqual(["éé", "b"]);
    expect(lines("éé\n", 3)).rejects.toThrow("a line has over 3 bytes");
    const { chunks, state } = pieces("x".repeat(1_000), 10);
    expect(Array.fromAsync(linesOf(chunks, 25))).rejects.toThrow(RangeError);
    await Promise.resolve();
    expect(state.read).toBeLessThanOrEqual(30);
  });
});
