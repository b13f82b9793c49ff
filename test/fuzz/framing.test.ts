/** The readers of requests and replies under bytes that no peer sends, in pieces of any size. */

import { expect, test } from "bun:test";
import { type RequestHead, requestHeadOf } from "../../src/daemon/network/framing.ts";
import { callOver } from "../../src/peer/call-over.ts";
import { BodyBytes, HeadBytes } from "../../src/peer/framing.ts";
import { requestOf } from "../daemon/attack/connection.ts";
import { connected } from "../daemon/attack/pair-of-sockets.ts";
import { client, serve } from "../daemon/attack/served.ts";
import { replyOf } from "../daemon/attack/server.ts";
import { type Draw, histories, historiesMs } from "../support/histories.ts";
import { anyBody, fuzzed, mutated } from "./requests.ts";

/** The end of one reading, and the request where there is one. */
type Read =
  | { readonly end: "more" | "silence" | "refused" | "pipelined" | "half" }
  | { readonly end: "read"; readonly head: RequestHead; readonly body: string };

/** Reads one request as the listener does, from pieces. */
function read(pieces: readonly Buffer[]): Read {
  const reader = new HeadBytes();
  let head: RequestHead | null = null;
  let body: BodyBytes | null = null;
  for (const piece of pieces) {
    if (body !== null) {
      if (!body.take(piece)) return { end: "pipelined" };
      continue;
    }
    const taken = reader.take(piece);
    if (taken === "more") continue;
    const known = taken === "doubtful" ? null : requestHeadOf(taken.text);
    if (taken === "doubtful" || known === null) return { end: "silence" };
    if (!known.ok) return { end: "refused" };
    head = known.value;
    if (taken.rest.length > head.length) return { end: "pipelined" };
    // A body over the limit is refused by its length alone.
    if (head.length > 65_536) return { end: "refused" };
    body = new BodyBytes(head.length, taken.rest);
  }
  if (head === null || body === null) return { end: "more" };
  const { whole } = body;
  return whole === null ? { end: "half" } : { end: "read", head, body: whole.toString("latin1") };
}

/** Cuts bytes into pieces of any size. */
function cut(draw: Draw, bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = draw.oneIn(3) ? at + 1 : at + 1 + draw.below(60);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** Fields that a mutation puts in, each of which could hide a second request. */
const lures = [
  ...["content-length: 0", "Content-Length : 3", "transfer-encoding: chunked", "host: b"],
  ...["Transfer-Encoding:\tchunked", "x: y\n", " folded: 1", "x\r: y", "expect: 100-continue"],
  ...["upgrade: h2c", "connection: close", "content-length: 00002", "\u0000: 1", "x-a: \u00ff"],
];

function request(draw: Draw): Buffer {
  if (draw.oneIn(3)) return Buffer.from(fuzzed(draw, "a.b.c").bytes);
  const headers = Array.from({ length: draw.below(3) }, () => `${draw.pick(lures)}\r\n`).join("");
  const body = draw.pick(["", "{}", '{"a":"\\r\\n\\r\\n"}']);
  const text = requestOf("ask", body, { headers });
  // Its body would be over the limit: it is refused by its length.
  const sized = draw.oneIn(30)
    ? text.replace(/content-length: \d+/, "content-length: 65537")
    : text;
  const bytes = Buffer.from(draw.oneIn(20) ? sized.replace("HTTP/1.1", "HTTP/1.0") : sized);
  // Some end too early, most of them in their body.
  if (draw.oneIn(4)) return bytes.subarray(0, -draw.between(1, draw.oneIn(4) ? 60 : 3));
  return draw.oneIn(3) ? bytes : Buffer.from(mutated(draw, bytes));
}

/** Checks that the reading is the only possible one, by rules of its own. */
function expectOneReading(bytes: Buffer, { head, body }: Read & { end: "read" }): void {
  const text = bytes.toString("latin1");
  const [before = ""] = text.split("\r\n\r\n", 1);
  const lines = before.split("\r\n");
  const named = (name: string): string[] =>
    lines.filter((line) => line.replace(/[\s:].*$/s, "").toLowerCase() === name);
  expect(before.replaceAll("\r\n", "")).not.toMatch(/[\r\n\u0000]/);
  expect(lines.slice(1).filter((line) => /^\s|^:|^[^:]*$|^[^:]*\s:/.test(line))).toEqual([]);
  expect(lines[0]).toBe(`${head.method} ${head.path} HTTP/1.1`);
  expect(named("transfer-encoding")).toEqual([]);
  const [length = "content-length: 0", ...others] = named("content-length");
  expect(others).toEqual([]);
  expect(length.replace(/^[^:]*:[ \t]*|[ \t]*$/g, "")).toMatch(/^\d{1,7}$/);
  expect(Number(length.replace(/^.*:/, ""))).toBe(body.length);
  expect(text).toBe(`${before}\r\n\r\n${body}`);
}

test(
  "a request is read in one way or in none, in whatever pieces it comes",
  async () => {
    const ends = new Map<string, number>();
    await histories(5_000, (draw) => {
      const bytes = request(draw);
      const once = read([bytes]);
      expect(read(cut(draw, bytes))).toEqual(once);
      ends.set(once.end, (ends.get(once.end) ?? 0) + 1);
      if (once.end === "read") expectOneReading(bytes, once);
    });
    // They reach every end that there is.
    for (const end of ["read", "silence", "refused", "pipelined", "half", "more"]) {
      expect([end, (ends.get(end) ?? 0) > 50]).toEqual([end, true]);
    }
  },
  historiesMs,
);

/** The statuses by which a reading may end on a socket; 0 is silence. */
const statuses: Readonly<Record<Read["end"], readonly number[]>> = {
  more: [0],
  half: [0],
  silence: [0],
  refused: [400, 413],
  // The rest may come when the first reply has gone.
  pipelined: [0, 200],
  read: [200],
};

test(
  "a socket is answered as its bytes are read, and ends",
  async () => {
    await histories(300, async (draw) => {
      await using ends = await connected();
      const isFailing = draw.oneIn(10);
      const { failures } = serve(ends.accepted, {
        answer: async (asked) => {
          if (isFailing) throw new Error("a handler's own");
          return new Response(asked.body);
        },
      });
      const { reply, closed } = client(ends.dialled);
      const bytes = request(draw);
      const once = read([bytes]);
      for (const piece of cut(draw, bytes)) {
        // Some pieces arrive by themselves.
        if (draw.oneIn(2)) await new Promise<void>((resolve) => setImmediate(resolve));
        if (!ends.dialled.destroyed) ends.dialled.write(piece);
      }
      ends.dialled.end();
      const answer = await reply();
      const isFailed = isFailing && answer?.status === 500;
      expect(isFailed ? [500] : statuses[once.end]).toContain(answer?.status ?? 0);
      if (once.end === "read") {
        const echo = Buffer.from(once.body, "latin1").toString("utf8");
        expect(isFailing ? null : answer?.body).toBe(isFailing ? null : echo);
        expect(isFailed).toBe(isFailing);
      }
      await closed;
      expect(failures.length).toBe(isFailed ? 1 : 0);
    });
  },
  historiesMs,
);

test(
  "a reply is read in one way or in none, in whatever pieces it comes",
  async () => {
    let read = 0;
    await histories(300, async (draw) => {
      await using ends = await connected();
      const text = replyOf(anyBody(draw), "200 OK", `${draw.pick(lures)}\r\n`);
      const plain = Buffer.from(draw.oneIn(2) ? text : replyOf(anyBody(draw)));
      const bytes = draw.oneIn(2) ? plain : Buffer.from(mutated(draw, plain));
      const calls = callOver(ends.dialled);
      const leaving = new AbortController();
      const called = calls
        .call("ask", "{}", { token: null, signal: leaving.signal })
        .catch(() => null);
      ends.accepted.resume();
      for (const piece of cut(draw, bytes)) {
        if (draw.oneIn(2)) await new Promise<void>((resolve) => setImmediate(resolve));
        if (!ends.accepted.destroyed) ends.accepted.write(piece);
      }
      ends.accepted.end();
      const reply = await called;
      if (reply === null) return;
      read += 1;
      const [head = ""] = bytes.toString("latin1").split("\r\n\r\n", 1);
      expect(head).toMatch(/^HTTP\/1\.1 [2-5]\d\d[^\r\n]*\r\n/);
      expect(head).not.toMatch(/transfer-encoding|\r(?!\n)|[^\r]\n/i);
      const lengths = [...head.matchAll(/^content-length:[ \t]*(\d+)[ \t]*$/gim)];
      expect(lengths.map(([, length]) => Number(length))).toEqual([reply.bytes.length]);
      const body = bytes.subarray(head.length + 4, head.length + 4 + reply.bytes.length);
      expect(Buffer.from(reply.bytes)).toEqual(body);
    });
    expect(read).toBeGreaterThan(50);
  },
  historiesMs,
);
