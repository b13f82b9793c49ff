/** The client of the control API against servers that answer late, wrongly, or not at all. */

import { afterAll, afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../src/client.ts";
import { control } from "../../src/contract/control.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { daemonSilenceMs, streamLineBytesMax } from "../../src/contract/limits.ts";
import { type FakeTimers, fakeClock, fakeTimers } from "../support/effects.ts";
import { until } from "../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "peernet-client-"));
const servers: { stop(force: boolean): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
  rmSync(join(folder, "socket"), { force: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Serves rows with an answer each; anything else is refused, as the daemon does. */
function serving(rows: Readonly<Record<string, () => Response | Promise<Response>>>) {
  const asked: string[] = [];
  const unix = join(folder, "socket");
  const fetch = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname.replace(/^\/v1\//, "");
    asked.push(path);
    return (await rows[path]?.()) ?? new Response("{}", { status: 404 });
  };
  servers.push(Bun.serve({ unix, fetch }));
  return { asked, unix };
}

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

/** Waits until the daemon was asked after so long, and has answered: the next step is far off. */
async function answersTo(
  ms: number,
  { asked, timers }: { readonly asked: readonly string[]; readonly timers: FakeTimers },
): Promise<void> {
  const before = asked.length;
  await timers.advance(ms);
  await until("it was asked whether it answers", () => asked.length === before + 1);
  expect(asked.at(-1)).toBe("/");
  await until("the answer came", () => timers.dueInMs() > 250);
}

const never = (): Promise<Response> => new Promise(() => {});

test("connect() has a call for every row, and none that an await would make", async () => {
  const { asked, unix } = serving({});
  const { calls } = connect(unix, { timers: fakeTimers(fakeClock()) });
  for (const path of Object.keys(control)) expect(Reflect.get(calls, path)).toBeFunction();
  expect(await Promise.resolve(calls)).toBe(calls);
  for (const name of ["then", "toJSON", "toString", "asymmetricMatch", "$$typeof", ""]) {
    expect(Reflect.get(calls, name)).toBeUndefined();
  }
  expect(asked).toEqual([]);
});

test("a call ends after 5 s with a daemon that answers nothing at all", async () => {
  const { asked, unix } = serving({ status: never, "/": never });
  const timers = fakeTimers(fakeClock());
  let waited = 0;
  const { calls } = connect(unix, { timers, onWait: () => waited++ });
  const ended = caught(calls.status({}));
  await until("it was asked", () => asked.length === 1);
  await timers.advance(750);
  await until("it was asked whether it answers", () => asked.length === 2);
  await timers.advance(499);
  expect(waited).toBe(0);
  await timers.advance(1);
  expect(waited).toBe(1);
  await timers.advance(3_749);
  expect(timers.pending()).toBe(1);
  await timers.advance(1);
  expect(await ended).toMatchObject({
    code: "daemon_silent",
    hint: "peernet stop, then peernet start",
  });
  expect([waited, timers.pending()]).toEqual([1, 0]);
});

test("a call that takes its time is waited for while the daemon answers others", async () => {
  const answer = Promise.withResolvers<Response>();
  const { asked, unix } = serving({ doctor: () => answer.promise });
  const timers = fakeTimers(fakeClock());
  let waited = 0;
  const { calls } = connect(unix, { timers, onWait: () => waited++ });
  const checks = calls.doctor({});
  await until("it was asked", () => asked.length === 1);
  await answersTo(750, { asked, timers });
  for (let round = 0; round < 10; round += 1) await answersTo(2_500, { asked, timers });
  answer.resolve(Response.json({ checks: [] }));
  expect(await checks).toEqual({ checks: [] });
  expect([waited, timers.pending()]).toEqual([0, 0]);
});

test("a quiet stream goes on while the daemon answers, and ends when it does not", async () => {
  let isSilent = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode('{"epoch":"a","head":0}\n{"event":1}\n'));
    },
  });
  const { asked, unix } = serving({
    "audit/follow": () => new Response(body),
    "/": () => (isSilent ? never() : new Response("{}", { status: 404 })),
  });
  const timers = fakeTimers(fakeClock());
  const { calls } = connect(unix, { timers });
  const events = calls["audit/follow"]({ all: true })[Symbol.asyncIterator]();
  expect(await events.next()).toMatchObject({ value: 1 });
  const next = caught(events.next());
  for (let round = 0; round < 3; round += 1) await answersTo(10_500, { asked, timers });
  isSilent = true;
  await timers.advance(10_000 + daemonSilenceMs);
  expect(await next).toMatchObject({ code: "daemon_silent" });
});

test("a call ends by its caller's signal with the caller's reason", async () => {
  const { asked, unix } = serving({ status: never });
  const timers = fakeTimers(fakeClock());
  const { calls } = connect(unix, { timers });
  const leaving = new AbortController();
  const ended = caught(calls.status({}, { signal: leaving.signal }));
  await until("it was asked", () => asked.length === 1);
  leaving.abort(new Error("gone"));
  expect(await ended).toMatchObject({ message: "gone" });
  expect(timers.pending()).toBe(0);
});

test("a stream ends with {internal} when the daemon sends a line over the bound", async () => {
  const longest = JSON.stringify({ event: "x".repeat(streamLineBytesMax - 12) });
  expect(longest.length).toBe(streamLineBytesMax);
  const over = JSON.stringify({ event: "x".repeat(streamLineBytesMax - 11) });
  const { unix } = serving({ watch: () => new Response(`{}\n\n${longest}\n${over}\n`) });
  const { calls } = connect(unix, { timers: fakeTimers(fakeClock()) });
  const lengths: number[] = [];
  const reading = async (): Promise<void> => {
    for await (const event of calls.watch({})) lengths.push(String(event).length);
  };
  const error = await caught(reading());
  expect(error).toBeInstanceOf(PeernetError);
  expect(error).toMatchObject({
    code: "internal",
    message: `the daemon sent a line over ${streamLineBytesMax} bytes`,
  });
  expect(lengths).toEqual([streamLineBytesMax - 12]);
});

test("connect() reads no more of a stream while the caller is not ready for it", async () => {
  const rows = { watch: () => new Response(`{}\n${'{"event":1}\n'.repeat(3)}`) };
  const { unix } = serving(rows);
  let taken = Promise.resolve();
  const timers = fakeTimers(fakeClock());
  const { calls } = connect(unix, { timers, ready: () => taken });
  const events = calls.watch({})[Symbol.asyncIterator]();
  await events.next();
  const slow = Promise.withResolvers<void>();
  taken = slow.promise;
  let second = false;
  const next = events.next().then(() => {
    second = true;
  });
  // A whole exchange takes place: a stream that was not held back would have had its turn.
  await fetch("http://localhost/", { unix });
  expect(second).toBe(false);
  slow.resolve();
  await next;
  expect(second).toBe(true);
});
