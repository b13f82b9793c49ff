/** Keys in what leaves: in each form, and over the border of two chunks. */

import { describe, expect, test } from "bun:test";
import { searchKeys } from "../../../../src/keeper/tasks/runner/scan.ts";

const key = "sk-ant-api03-0123456789abcdefghijABCDEFGHIJ_-xyz";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const finds = (text: string): boolean => searchKeys([key]).feed(bytes(text));

describe("searchKeys()", () => {
  test("finds a key as it is, reversed, in hexadecimal, and in base64 at each place", () => {
    const hex = Buffer.from(key).toString("hex");
    const forms = [key, [...key].reverse().join(""), hex, hex.toUpperCase()];
    for (const form of forms) expect(finds(`before${form}after`)).toBe(true);
    for (const before of ["", "a", "ab", "abc", "abcd"]) {
      for (const after of ["", "z", "zy"]) {
        const base64 = Buffer.from(before + key + after);
        expect([before, finds(base64.toString("base64"))]).toEqual([before, true]);
        expect([before, finds(base64.toString("base64url"))]).toEqual([before, true]);
      }
    }
  });

  test("finds a key that two chunks share, at every border", () => {
    const whole = bytes(`xx${key}xx`);
    for (let at = 0; at <= whole.length; at += 1) {
      const search = searchKeys([key]);
      search.feed(whole.slice(0, at));
      expect([at, search.feed(whole.slice(at))]).toEqual([at, true]);
    }
    const byByte = searchKeys(["other-key-0123456789", key]);
    for (const byte of whole) byByte.feed(Uint8Array.of(byte));
    expect(byByte.isFound()).toBe(true);
  });

  test("finds nothing in text without a key, in a part of it, and for no keys", () => {
    expect(finds("a text without it")).toBe(false);
    expect(finds(key.slice(0, -1))).toBe(false);
    expect(searchKeys([]).feed(bytes(key))).toBe(false);
  });
});
