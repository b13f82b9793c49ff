/** The head of a request, as bytes that may mean two things, or nothing of ours. */

import { describe, expect, test } from "bun:test";
import { requestHeadOf } from "../../../src/daemon/network/framing.ts";

const line = "POST /v1/ask HTTP/1.1";
const plain = `${line}\r\nhost: peernet\r\ncontent-type: application/json\r\ncontent-length: 2`;

/** The reason of a refusal; null where it is read, "silence" where it is not answered. */
function refusedFor(text: string): string | null {
  const head = requestHeadOf(text);
  if (head === null) return "silence";
  return head.ok ? null : `${head.error.code}: ${head.error.message}`;
}

test("requestHeadOf() tells all that decides", () => {
  const read = requestHeadOf(
    `${plain}\r\nAuthorization: bEARER a.b-c_d\r\nConnection: TE, close\r\nContent-Encoding: gzip`,
  );
  expect(read).toEqual({
    ok: true,
    value: {
      method: "POST",
      path: "/v1/ask",
      token: "a.b-c_d",
      type: "application/json",
      encoding: "gzip",
      length: 2,
      isLast: true,
    },
  });
  expect(requestHeadOf("GET / HTTP/1.1")).toEqual({
    ok: true,
    value: {
      method: "GET",
      path: "/",
      token: null,
      type: "",
      encoding: "identity",
      length: 0,
      isLast: false,
    },
  });
});

describe("requestHeadOf() leaves unanswered", () => {
  const foreign = {
    nothing: "",
    "an empty line first": `\r\n${plain}`,
    "no version": "POST /v1/ask",
    "another version": "POST /v1/ask HTTP/2.0",
    "a version in lower case": "POST /v1/ask http/1.1",
    "no path": "POST HTTP/1.1",
    "an empty path": "POST  HTTP/1.1",
    "two spaces": "POST  /v1/ask HTTP/1.1",
    "a space at the end": "POST /v1/ask HTTP/1.1 ",
    "a tab": "POST\t/v1/ask HTTP/1.1",
    "a space in the path": "POST /v1/ask now HTTP/1.1",
    "NUL in the path": "POST /v1/ask\u0000 HTTP/1.1",
    "another letter in the path": "POST /v1/\u00e9 HTTP/1.1",
    "a bare line feed": `${line}\nhost: a`,
    "a bare carriage return": `${line}\rhost: a`,
    CONNECT: "CONNECT peernet:22 HTTP/1.1",
    "another protocol": `${plain}\r\nupgrade: h2c`,
  };
  for (const [name, text] of Object.entries(foreign)) {
    test(name, () => expect(refusedFor(text)).toBe("silence"));
  }
});

describe("requestHeadOf() refuses before the body", () => {
  const inDoubt = "bad_request: the request's headers are in doubt";
  const encoded = "bad_request: the request has a transfer-encoding";
  const refused: Readonly<Record<string, readonly [headers: string, reason: string]>> = {
    "two lengths": ["content-length: 2", inDoubt],
    "two lengths that agree": ["Content-Length: 2", inDoubt],
    "a folded header": ["x-a: 1\r\n b", inDoubt],
    "two hosts": ["host: other", inDoubt],
    "two tokens": ["authorization: Bearer a\r\nauthorization: Bearer b", inDoubt],
    chunks: ["transfer-encoding: chunked", encoded],
    "another coding": ["transfer-encoding: identity", encoded],
    "no coding": ["transfer-encoding:", encoded],
    "a length that is none": ["x-a: b\r\ncontent-length: +2", inDoubt],
    "an expectation": ["expect: 100-continue", "bad_request: the request expects an interim reply"],
  };
  for (const [name, [headers, reason]] of Object.entries(refused)) {
    test(name, () => expect(refusedFor(`${plain}\r\n${headers}`)).toBe(reason));
  }

  test("an older version", () => {
    expect(refusedFor("POST /v1/ask HTTP/1.0")).toBe("bad_request: the request is not HTTP/1.1");
  });
});
