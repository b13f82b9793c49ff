/**
 * The one form of a message: the end of its head, the meaning of its fields, the length of its
 * body.
 */

import { describe, expect, test } from "bun:test";
import { headerBytesMax } from "../../src/contract/limits.ts";
import { BodyBytes, HeadBytes, headOf, isLastOf, lengthOf } from "../../src/peer/framing.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const head = "POST /v1/ask HTTP/1.1\r\nhost: peernet\r\ncontent-length: 2";
const message = `${head}\r\n\r\n{}`;

describe("HeadBytes", () => {
  test("take() finds the end of a head, wherever its bytes are cut", () => {
    for (let at = 0; at <= message.length; at += 1) {
      const reader = new HeadBytes();
      const first = reader.take(bytes(message.slice(0, at)));
      const taken = first === "more" ? reader.take(bytes(message.slice(at))) : first;
      const rest = first === "more" ? "{}" : message.slice(head.length + 4, at);
      expect([at, taken]).toEqual([at, { text: head, rest: bytes(rest) }]);
    }
  });

  test("take() finds it byte by byte", () => {
    const reader = new HeadBytes();
    const taken = [...`${head}\r\n\r\n`].map((byte) => reader.take(bytes(byte)));
    expect(taken.slice(0, -1).every((each) => each === "more")).toBe(true);
    expect(taken.at(-1)).toEqual({ text: head, rest: bytes("") });
  });

  test("take() takes a head of the cap, and none of a byte more", () => {
    const padded = (length: number): string => `${"a".repeat(length)}\r\n\r\n`;
    expect(new HeadBytes().take(bytes(padded(headerBytesMax)))).not.toBe("doubtful");
    expect(new HeadBytes().take(bytes(padded(headerBytesMax + 1)))).toBe("doubtful");
    const reader = new HeadBytes();
    expect(reader.take(bytes("a".repeat(headerBytesMax)))).toBe("more");
    expect(reader.take(bytes("a"))).toBe("doubtful");
  });

  test("take() waits for no end behind a line feed that stands alone", () => {
    for (const [first, second] of [
      ["", "\n"],
      ["POST / HTTP/1.1", "\n\n"],
      ["POST / HTTP/1.1\r\nhost: a", "\n"],
      ["POST / HTTP/1.1\r", "x\n"],
    ] as const) {
      const reader = new HeadBytes();
      expect(reader.take(bytes(first))).toBe("more");
      expect([first, reader.take(bytes(second))]).toEqual([first, "doubtful"]);
    }
    const reader = new HeadBytes();
    expect(reader.take(bytes("POST / HTTP/1.1\r"))).toBe("more");
    expect(reader.take(bytes("\nhost: a"))).toBe("more");
  });
});

/** A head with a field more. */
const withField = (line: string) => headOf(`POST / HTTP/1.1\r\n${line}`);

describe("headOf()", () => {
  test("tells the deciding fields by name, without case and space", () => {
    const read = headOf("POST / HTTP/1.1\r\nHost:a\r\nCONTENT-Length: \t 2 \t\r\nx-other: \xe9");
    expect(read).toEqual({
      start: "POST / HTTP/1.1",
      fields: new Map([
        ["host", "a"],
        ["content-length", "2"],
      ]),
    });
  });

  const doubtful = {
    "a folded line": "x-a: 1\r\n content-length: 2",
    "a line folded by a tab": "x-a: 1\r\n\tcontent-length: 2",
    "no name": ": 1",
    "no colon": "content-length",
    "a space before the colon": "content-length : 2",
    "a tab before the colon": "content-length\t: 2",
    "NUL in a value": "x-a: 1\u00002",
    "NUL in a name": "x\u0000a: 1",
    "a bare carriage return": "x-a: 1\rcontent-length: 2",
    "a bare line feed": "x-a: 1\ncontent-length: 2",
    "a delete": "x-a: \u007f",
    "a vertical tab": "content-length: \u000b2",
    "another letter in a name": "content-length\u00e9: 2",
    "another letter in a value that decides": "content-length: 2\u00a0",
    "a bracket in a name": "content(length): 2",
    "an empty line": "x-a: 1\r\n",
  };
  for (const [name, line] of Object.entries(doubtful)) {
    test(`reads none with ${name}`, () => {
      expect(withField(line)).toBeNull();
    });
  }

  test("reads none where a field that decides stands twice, in whatever case", () => {
    for (const name of [
      ...["authorization", "connection", "content-encoding", "content-length", "content-type"],
      ...["expect", "host", "transfer-encoding", "upgrade"],
    ]) {
      expect(withField(`${name}: 2`)).not.toBeNull();
      expect([name, withField(`${name}: 2\r\n${name.toUpperCase()}: 2`)]).toEqual([name, null]);
    }
    expect(withField("x-a: 1\r\nx-a: 2")).not.toBeNull();
  });
});

const lengthIn = (line: string) => {
  const read = withField(line);
  return read === null ? null : lengthOf(read);
};

describe("lengthOf()", () => {
  test("takes digits alone, up to seven", () => {
    for (const [text, length] of [
      ["0", 0],
      ["2", 2],
      ["65536", 65_536],
      ["9999999", 9_999_999],
      ["10000000", Number.POSITIVE_INFINITY],
      ["18446744073709551618", Number.POSITIVE_INFINITY],
    ] as const) {
      expect([text, lengthIn(`content-length: ${text}`)]).toEqual([text, length]);
    }
    expect(lengthIn("x-a: 1")).toBe(0);
    for (const text of ["", "+2", "-2", "0x2", "2.0", "2e1", "2, 2", "2 2", "٢", "two"]) {
      expect([text, lengthIn(`content-length: ${text}`)]).toEqual([text, null]);
    }
  });
});

test("isLastOf() finds close among the options of connection, in any case", () => {
  const isLast = (value: string): boolean => {
    const read = withField(`connection: ${value}`);
    return read !== null && isLastOf(read);
  };
  for (const value of ["close", "Close", "keep-alive, close", "close ,te"]) {
    expect([value, isLast(value)]).toEqual([value, true]);
  }
  for (const value of ["", "keep-alive", "closed", "close-not", "te"]) {
    expect([value, isLast(value)]).toEqual([value, false]);
  }
});

describe("BodyBytes", () => {
  test("is whole by the bytes behind the head, or by pieces of any size", () => {
    expect(new BodyBytes(2, bytes("{}")).whole).toEqual(bytes("{}"));
    expect(new BodyBytes(0, bytes("")).whole).toEqual(bytes(""));
    for (const pieces of [["ab", "cd", "e"], ["abcde"], ["a", "b", "", "c", "d", "e"]]) {
      const body = new BodyBytes(6, bytes("_"));
      for (const piece of pieces) {
        expect(body.whole).toBeNull();
        expect(body.take(bytes(piece))).toBe(true);
      }
      expect(body.whole).toEqual(bytes("_abcde"));
    }
  });

  test("take() refuses what goes on behind the end", () => {
    const body = new BodyBytes(3, bytes("a"));
    expect(body.take(bytes("bcd"))).toBe(false);
    expect(new BodyBytes(0, bytes("")).take(bytes("a"))).toBe(false);
  });
});
