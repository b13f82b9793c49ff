/** Calls over one socket: one strict shape of a reply, whichever end dialled. */

import { describe, expect, test } from "bun:test";
import { bodyBytesMax } from "../../src/contract/limits.ts";
import { callOver } from "../../src/peer/call-over.ts";
import { connected } from "../daemon/attack/pair-of-sockets.ts";
import { replyOf } from "../daemon/attack/server.ts";
import { until } from "../support/until.ts";

const forever = new AbortController().signal;
const options = { token: "a.b.c", signal: forever };

/** Calls once while the other end answers so; the reply, or why there is none. */
async function answered(...pieces: readonly (string | Uint8Array)[]) {
  await using ends = await connected();
  ends.accepted.once("data", async () => {
    for (const piece of pieces) {
      ends.accepted.write(piece);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (pieces.length === 0) ends.accepted.end();
  });
  const calls = callOver(ends.dialled);
  const end = await calls.call("ask", "{}", options).then(
    ({ status, bytes }) => `${status} ${Buffer.from(bytes).toString()}`,
    (error: Error) => error.message,
  );
  return { end, isOpen: calls.isOpen(), wasCut: calls.wasCut() };
}

test("callOver() calls over a socket whichever end dialled it, again and again", async () => {
  for (const [caller, other] of [
    ["dialled", "accepted"],
    ["accepted", "dialled"],
  ] as const) {
    await using ends = await connected();
    const asked: string[] = [];
    ends[other].on("data", (bytes: Buffer) => {
      asked.push(bytes.toString());
      ends[other].write(replyOf({ number: asked.length }));
    });
    const calls = callOver(ends[caller]);
    for (let number = 1; number <= 3; number += 1) {
      const { status, bytes } = await calls.call("ask", '"é"', options);
      expect([status, Buffer.from(bytes).toString()]).toEqual([200, `{"number":${number}}`]);
    }
    expect(asked[0]).toBe(
      "POST /v1/ask HTTP/1.1\r\nhost: peernet\r\ncontent-type: application/json\r\n" +
        'authorization: Bearer a.b.c\r\ncontent-length: 4\r\n\r\n"é"',
    );
    expect(calls.isOpen()).toBe(true);
  }
});

test("call() reads a reply wherever its bytes are cut, and of any status", async () => {
  const reply = replyOf({ error: 1 }, "403 Forbidden");
  for (const at of [1, 9, 30, reply.indexOf("\r\n\r\n") + 2, reply.length - 1]) {
    const { end } = await answered(reply.slice(0, at), reply.slice(at));
    expect([at, end]).toEqual([at, '403 {"error":1}']);
  }
  expect((await answered(...reply)).end).toBe('403 {"error":1}');
  expect((await answered("HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n")).end).toBe("200 ");
  expect((await answered("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n")).end).toBe("200 ");
});

test("call() takes a body of the cap, and none of a byte more", async () => {
  const sized = (bytes: number): string => replyOf("a".repeat(bytes));
  expect((await answered(sized(bodyBytesMax))).end).toHaveLength(bodyBytesMax + 4);
  expect((await answered(sized(bodyBytesMax + 1))).end).toBe("its reply could not be read");
});

const length = "content-length: 2\r\n";
const refused: Readonly<Record<string, string>> = {
  "no length": "HTTP/1.1 200 OK\r\n\r\n{}",
  chunks: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
  "chunks and a length": `HTTP/1.1 200 OK\r\n${length}transfer-encoding: chunked\r\n\r\n{}`,
  "two lengths": `HTTP/1.1 200 OK\r\n${length}${length}\r\n{}`,
  "a signed length": "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\n{}",
  "an encoding": `HTTP/1.1 200 OK\r\n${length}content-encoding: gzip\r\n\r\n{}`,
  "an interim reply": `HTTP/1.1 100 Continue\r\n\r\n${replyOf({})}`,
  "another protocol": `HTTP/1.1 101 Switching\r\n${length}\r\n{}`,
  "an older version": `HTTP/1.0 200 OK\r\n${length}\r\n{}`,
  "a status that is none": `HTTP/1.1 700 Odd\r\n${length}\r\n{}`,
  "more than it says": `${replyOf({})}x`,
  "two replies": `${replyOf({})}${replyOf({})}`,
  "a folded header": `HTTP/1.1 200 OK\r\nx-a: 1\r\n ${length}\r\n{}`,
  "a bare line feed": `HTTP/1.1 200 OK\n${length}\r\n{}`,
  "endless headers": `HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(20_000)}`,
  "no HTTP": "SSH-2.0-OpenSSH_9.9\r\n\r\n",
};

describe("call() reads no reply with", () => {
  for (const [name, bytes] of Object.entries(refused)) {
    test(name, async () => {
      expect(await answered(bytes)).toEqual({
        end: "its reply could not be read",
        isOpen: false,
        wasCut: false,
      });
    });
  }
});

test("call() makes no other call after a reply that is the last", async () => {
  const last = await answered(replyOf({}, "200 OK", "connection: close\r\n"));
  expect(last).toEqual({ end: "200 {}", isOpen: false, wasCut: false });
});

test("call() tells a connection that was cut from a reply that was", async () => {
  expect(await answered()).toEqual({
    end: "it closed the connection",
    isOpen: false,
    wasCut: true,
  });
  await using ends = await connected();
  ends.accepted.once("data", () =>
    ends.accepted.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"),
  );
  const calls = callOver(ends.dialled);
  await expect(calls.call("ask", "{}", options)).rejects.toThrow("its reply could not be read");
  expect(calls.wasCut()).toBe(false);
});

test("call() ends by its signal, and its socket with it", async () => {
  await using ends = await connected();
  const calls = callOver(ends.dialled);
  const leaving = new AbortController();
  const called = calls.call("ask", "{}", { token: null, signal: leaving.signal });
  await expect(calls.call("ask", "{}", options)).rejects.toThrow("a call is under way");
  leaving.abort(new Error("left"));
  await expect(called).rejects.toThrow("left");
  expect([calls.isOpen(), ends.dialled.destroyed]).toEqual([false, true]);
  await expect(calls.call("ask", "{}", options)).rejects.toThrow("it closed the connection");
});

test("callOver() ends a socket on which bytes come that nobody asked for", async () => {
  await using ends = await connected();
  const calls = callOver(ends.dialled);
  ends.accepted.write(replyOf({ forged: true }));
  await until("it is closed", () => !calls.isOpen());
});
