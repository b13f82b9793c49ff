/** One socket that is served: which end dialled it does not matter, when its bytes come does. */

import { expect, test } from "bun:test";
import { accept, type Outcome, refuse } from "../../../src/contract/errors.ts";
import { lingerMs } from "../../../src/contract/limits.ts";
import { clocks as clock } from "../../../src/platform/clock/clock.ts";
import { until } from "../../support/until.ts";
import { codeOf, requestOf } from "../attack/connection.ts";
import { connected } from "../attack/pair-of-sockets.ts";
import { client, type Options, serve } from "../attack/served.ts";

const whole = requestOf("ask", '{"a":1}');

test("serveSocket() serves a socket whichever end dialled it", async () => {
  for (const [server, caller] of [
    ["accepted", "dialled"],
    ["dialled", "accepted"],
  ] as const) {
    await using ends = await connected();
    const { asked, connection } = serve(ends[server]);
    const { reply, write } = client(ends[caller]);
    for (let time = 0; time < 3; time += 1) {
      write(whole);
      expect((await reply())?.body).toBe('{"a":1}');
    }
    expect(asked.map(({ path }) => path)).toEqual(Array.from({ length: 3 }, () => "/v1/ask"));
    expect(connection.fingerprint).toStartWith("sha256:");
    expect(connection.requests).toBe(3);
  }
});

test("serveSocket() takes a request byte by byte, and one that is cut anywhere", async () => {
  await using ends = await connected();
  serve(ends.accepted);
  const { reply, write } = client(ends.dialled);
  ends.dialled.setNoDelay(true);
  for (const byte of whole) write(byte);
  expect((await reply())?.body).toBe('{"a":1}');
  for (let at = 1; at < whole.length; at += 1) {
    write(whole.slice(0, at));
    write(whole.slice(at));
    expect([at, (await reply())?.body]).toEqual([at, '{"a":1}']);
  }
});

test("serveSocket() reads no body before its caller is admitted", async () => {
  for (const admitted of [accept(null), refuse("unauthenticated")]) {
    await using ends = await connected();
    const admission = Promise.withResolvers<Outcome<null>>();
    const { place } = serve(ends.accepted, { admit: () => admission.promise });
    const { reply, write } = client(ends.dialled);
    const body = JSON.stringify("a".repeat(60_000));
    const bytes = requestOf("ask", body);
    write(bytes.slice(0, -body.length));
    await until("the head is there", () => place.busy);
    write(body);
    await until("the body is sent", () => ends.dialled.writableLength === 0);
    // Bytes that were taken in would have ended it: nothing else is awaited yet.
    expect(ends.accepted.isPaused()).toBe(true);
    admission.resolve(admitted);
    const answer = await reply();
    expect(answer?.status).toBe(admitted.ok ? 200 : 401);
  }
});

test("serveSocket() holds little of what comes before its caller is admitted", async () => {
  await using ends = await connected();
  await using others = await connected();
  serve(others.accepted);
  const other = client(others.dialled);
  const { place } = serve(ends.accepted, { admit: () => new Promise(() => {}) });
  ends.dialled.write(requestOf("ask", "a".repeat(60_000)).slice(0, 5_000));
  await until("the head is there", () => place.busy);
  const poured = 32 * 1_048_576;
  ends.dialled.write(Buffer.alloc(poured));
  for (let turn = 0; turn < 50; turn += 1) {
    other.write(whole);
    await other.reply();
  }
  expect(ends.accepted.bytesRead).toBeLessThan(poured / 16);
});

test("serveSocket() ends a connection on which a second request comes too early", async () => {
  const answering = Promise.withResolvers<Response>();
  const early: Readonly<Record<string, Partial<Options>>> = {
    "in the same bytes": {},
    "before the answer": { answer: () => answering.promise },
  };
  for (const [when, options] of Object.entries(early)) {
    await using ends = await connected();
    const { place } = serve(ends.accepted, options);
    const { received, closed, write } = client(ends.dialled);
    if (when === "in the same bytes") write(`${whole}${whole}`);
    else {
      write(whole);
      await until("it is under way", () => place.busy);
      write(whole);
    }
    await closed;
    expect([when, received()]).toEqual([when, 0]);
  }
});

test("serveSocket() ends a connection that asks on and reads nothing", async () => {
  await using ends = await connected();
  const large = "a".repeat(16_000_000);
  const { place } = serve(ends.accepted, { answer: async () => new Response(large) });
  const closed = new Promise<void>((resolve) => ends.accepted.once("close", () => resolve()));
  ends.dialled.pause();
  ends.dialled.write(whole);
  await until("the reply waits", () => ends.accepted.writableLength > 0);
  expect(place.busy).toBe(true);
  ends.dialled.write(whole);
  await closed;
});

test("serveSocket() answers a whole request whose caller sends no more, and ends", async () => {
  await using ends = await connected();
  serve(ends.accepted);
  const { reply, closed } = client(ends.dialled);
  ends.dialled.end(whole);
  expect((await reply())?.body).toBe('{"a":1}');
  await closed;
});

test("serveSocket() answers no half of a request, and ends", async () => {
  for (const half of ["", whole.slice(0, 20), whole.slice(0, -1)]) {
    await using ends = await connected();
    const { asked, failures } = serve(ends.accepted);
    const { received, closed } = client(ends.dialled);
    ends.dialled.end(half);
    await closed;
    expect([received(), failures]).toEqual([0, []]);
    expect(asked.length).toBeLessThanOrEqual(1);
  }
});

test("serveSocket() gives what it refused little time, and throws away what it sends", async () => {
  await using ends = await connected();
  const { place } = serve(ends.accepted, { admit: async () => refuse("unauthenticated") });
  const { reply, write } = client(ends.dialled);
  write(requestOf("ask", "a".repeat(60_000)).slice(0, 5_000));
  expect((await reply())?.status).toBe(401);
  expect(place.deadlineMs - clock.monotonicMs()).toBeLessThanOrEqual(lingerMs);
  const before = ends.accepted.bytesRead;
  write("a".repeat(50_000));
  await until("it was read", () => ends.accepted.bytesRead > before);
});

test("serveSocket() answers by one write, and says what becomes of the connection", async () => {
  await using ends = await connected();
  serve(ends.accepted);
  const pieces: string[] = [];
  ends.dialled.on("data", (piece: Buffer) => pieces.push(piece.toString("latin1")));
  const { reply, write } = client(ends.dialled);
  write(whole);
  await reply();
  expect(pieces).toEqual([
    "HTTP/1.1 200 OK\r\ncontent-type: application/json;charset=utf-8\r\n" +
      'content-length: 7\r\nconnection: keep-alive\r\n\r\n{"a":1}',
  ]);
});

test("serveSocket() answers what failed as internal, once, and ends", async () => {
  await using ends = await connected();
  const { failures } = serve(ends.accepted, { answer: () => Promise.reject(new Error("broken")) });
  const { reply, closed, write } = client(ends.dialled);
  write(whole);
  const answer = await reply();
  expect([answer?.status, codeOf(answer), failures.length]).toEqual([500, "internal", 1]);
  await closed;
});

test("serveSocket() ends a connection whose refusal cannot be made", async () => {
  await using ends = await connected();
  const failing: Partial<Options> = {
    admit: async () => refuse("unauthenticated"),
    refusal: () => {
      throw new Error("broken");
    },
  };
  const { failures } = serve(ends.accepted, failing);
  const { received, closed, write } = client(ends.dialled);
  write(whole);
  await closed;
  expect([received(), failures.length]).toEqual([0, 2]);
});
