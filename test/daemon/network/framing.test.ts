/** Requests whose end or size is in doubt: refused in our shape, or not answered at all. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { bodyBytesMax } from "../../../src/contract/limits.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { codeOf, connectTo, type Reply, requestOf } from "../attack/connection.ts";

let on: Machine;
beforeAll(async () => {
  on = await machine("on");
});
afterAll(() => on[Symbol.asyncDispose]());

const json = "content-type: application/json\r\n";
const line = "POST /v1/window HTTP/1.1\r\nhost: peernet\r\n";

/** Sends bytes; the first reply, and whether the connection has ended by itself. */
async function send(bytes: string | Uint8Array, endsBy: "reply" | "close") {
  using connection = await connectTo(on.address);
  connection.write(bytes);
  const reply = await connection.reply();
  const second = endsBy === "close" ? connection.reply() : Promise.resolve(null);
  if (endsBy === "close") await connection.closed;
  return { reply, second: await second };
}

/** A whole daemon still answers afterwards, and to the same question as before. */
async function expectAlive(): Promise<void> {
  using connection = await connectTo(on.address);
  expect((await connection.post("window", {}))?.body).toBe('{"open":false}');
}

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

const chunkedRequest = (body: string): string => {
  let chunks = "";
  for (let at = 0; at < body.length; at += 9_000) chunks += chunk(body.slice(at, at + 9_000));
  return `${line}${json}transfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
};

/** `{}` and as much space as makes that many bytes. */
const padded = (bytes: number): string => `{${" ".repeat(bytes - 2)}}`;

describe("a body at its cap", () => {
  test("of 64 KiB is read", async () => {
    const { reply } = await send(requestOf("window", padded(bodyBytesMax)), "reply");
    expect(reply?.body).toBe('{"open":false}');
  });

  test("of 64 KiB and a byte is refused, and it ends", async () => {
    const { reply } = await send(requestOf("window", padded(bodyBytesMax + 1)), "close");
    expect([reply?.status, codeOf(reply)]).toEqual([413, "body_too_large"]);
    await expectAlive();
  });

  test("in chunks is refused by what ends it, whatever its size", async () => {
    for (const size of [2, bodyBytesMax, bodyBytesMax + 1]) {
      const { reply } = await send(chunkedRequest(padded(size)), "close");
      expect([reply?.status, JSON.parse(reply?.body ?? "").error]).toEqual([
        400,
        {
          code: "bad_request",
          message: "the request has a transfer-encoding",
          hint: "send it with a content-length",
        },
      ]);
    }
  });

  test("is refused by what is announced, before any of it comes", async () => {
    const { reply } = await send(`${line}${json}content-length: 999999999\r\n\r\n`, "close");
    expect(codeOf(reply)).toBe("body_too_large");
  });

  test("is not waited for where the caller shows no credential", async () => {
    const bytes = `POST /v1/ask HTTP/1.1\r\nhost: peernet\r\n${json}content-length: 60000\r\n\r\n{`;
    const { reply } = await send(bytes, "close");
    expect(codeOf(reply)).toBe("unauthenticated");
  });

  test("in endless chunks is cut off", async () => {
    using connection = await connectTo(on.address);
    connection.write(`${line}${json}transfer-encoding: chunked\r\n\r\n`);
    const reply = connection.reply();
    const filler = chunk(" ".repeat(8_192));
    const pour = (): void => {
      if (!connection.socket.destroyed) connection.socket.write(filler, () => setImmediate(pour));
    };
    pour();
    expect([null, "bad_request"]).toContain(codeOf(await reply));
    await connection.closed;
    await expectAlive();
  });
});

const smuggled = requestOf("window", "{}");
const length = "content-length: 2";
/** An object in chunks: a server that misreads the headers would take it. */
const chunks = "2\r\n{}\r\n0\r\n\r\n";
const chunked = "transfer-encoding: chunked";

/** Headers and a body of which it is not certain where it ends: a second request may hide there. */
const doubtfulEnds: Readonly<Record<string, readonly [headers: string, body: string]>> = {
  "a length and chunks": [`content-length: 12\r\n${chunked}`, chunks],
  "chunks and a length": [`${chunked}\r\ncontent-length: 12`, chunks],
  "two lengths": [`${length}\r\ncontent-length: 40`, "{}"],
  "a list of lengths": ["content-length: 2, 40", "{}"],
  "a signed length": ["content-length: +2", "{}"],
  "a negative length": ["content-length: -2", "{}"],
  "a hexadecimal length": ["content-length: 0x2", "{}"],
  "a length that overflows": ["content-length: 18446744073709551618", "{}"],
  xchunked: ["transfer-encoding: xchunked", chunks],
  "gzip, chunked": ["transfer-encoding: gzip, chunked", chunks],
  "chunked, gzip": ["transfer-encoding: chunked, gzip", chunks],
  "chunked twice": [`${chunked}\r\n${chunked}`, chunks],
  identity: [`transfer-encoding: identity\r\n${length}`, "{}"],
  "chunked and something after a tab": ["transfer-encoding:\tchunked \t, x", chunks],
  "a chunk of a size that overflows": [chunked, "fffffffffffffffff\r\n{}"],
  "a chunk of a negative size": [chunked, `-2\r\n{}\r\n0\r\n\r\n`],
  "a chunk longer than its size": [chunked, `1\r\n{}\r\n0\r\n\r\n`],
  "a space before a colon": ["content-length : 2", "{}"],
  "a folded header": ["x-a: 1\r\n content-length: 2", "{}"],
  "a header without a name": [`: 1\r\n${length}`, "{}"],
  "a header without a colon": [`nonsense\r\n${length}`, "{}"],
  "NUL in a header": [`x-a: 1\u00002\r\n${length}`, "{}"],
  "a bare carriage return": [`x-a: 1\r${length}`, "{}"],
  "a header over the cap": [`x-a: ${"a".repeat(20_000)}\r\n${length}`, "{}"],
  "many headers over the cap": [`${"x-a: b\r\n".repeat(4_000)}${length}`, "{}"],
};

/** First lines that no request of ours has. */
const doubtfulLines: Readonly<Record<string, string>> = {
  "NUL in a path": "POST /v1/window\u0000 HTTP/1.1\r\nhost: peernet",
  "another version": "POST /v1/window HTTP/9.9\r\nhost: peernet",
  "no HTTP": "\u0016\u0003\u0001 SSH-2.0-OpenSSH_9.9",
};

const doubtful: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.entries(doubtfulEnds).map(([name, [headers, body]]) => [
    name,
    `${line}${json}${headers}\r\n\r\n${body}`,
  ]),
  ...Object.entries(doubtfulLines).map(([name, start]) => [
    name,
    `${start}\r\n${json}${length}\r\n\r\n{}`,
  ]),
]);

/** Not answered at all, or by a refusal in our shape; a bare one is the parser's own. */
const isRefused = (reply: Reply | null): boolean =>
  reply === null ||
  (reply.status >= 400 && reply.status < 500 && (codeOf(reply) !== null || reply.body === ""));

const p42 =
  "P42: A request that two readers could read in two ways is refused before its body is read, " +
  "and its connection ends.";

describe(p42, () => {
  for (const [name, bytes] of Object.entries(doubtful)) {
    test(name, async () => {
      for (const hidden of ["", smuggled]) {
        const { reply, second } = await send(`${bytes}${hidden}`, "close");
        expect({ reply, isRefused: isRefused(reply) }).toEqual({ reply, isRefused: true });
        expect(second).toBeNull();
      }
      await expectAlive();
    });
  }
});
