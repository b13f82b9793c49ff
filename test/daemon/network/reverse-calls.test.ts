/** Calls over the reverse connections of one peer: which of them is taken, and who waits. */

import { expect, test } from "bun:test";
import { ReverseCalls } from "../../../src/daemon/network/reverse-calls.ts";
import { clocks as clock } from "../../../src/platform/clock/clock.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import { until } from "../../support/until.ts";
import { connected, type Ends } from "../attack/pair-of-sockets.ts";
import { replyOf, takeRequest } from "../attack/server.ts";

const peer = "sha256:peer";

/** A connection whose dialling end answers when a test says so. */
interface Line {
  readonly ends: Ends;
  readonly calls: string[];
  /** Answers the call that it has. */
  answer(): void;
}

async function lines(count: number): Promise<readonly Line[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const ends = await connected();
      const calls: string[] = [];
      ends.dialled.on("data", (bytes: Buffer) => {
        calls.push(takeRequest(bytes.toString("latin1"))?.line.replace("POST /v1/", "") ?? "?");
      });
      return { ends, calls, answer: () => ends.dialled.write(replyOf({})) };
    }),
  );
}

interface Calling extends AsyncDisposable {
  readonly calls: ReverseCalls;
  readonly all: readonly Line[];
  /** Calls a path; the status of its reply, or its failure. */
  call(path: string, signal?: AbortSignal): Promise<number | string>;
}

async function calling(count: number): Promise<Calling> {
  const all = await lines(count);
  const calls = new ReverseCalls({ clock, timers, onChange: () => {} });
  for (const { ends } of all) calls.take(peer, ends.accepted);
  const forever = new AbortController().signal;
  return {
    calls,
    all,
    call: async (path, signal = forever) => {
      const carrier = calls.carrier(peer);
      if (carrier === null) return "none";
      const called = carrier.carry({ path, body: "{}" }, { token: "a.b.c", signal });
      return called.then(
        ({ status }) => status,
        (error: unknown) => (error instanceof Error ? error.message : "?"),
      );
    },
    [Symbol.asyncDispose]: async () => {
      for (const { ends } of all) await ends[Symbol.asyncDispose]();
    },
  };
}

const taken = (all: readonly Line[]): readonly string[] =>
  all.map(({ calls }) => calls.join()).sort();

test("carry() leaves one connection to asks, hellos and waits", async () => {
  await using on = await calling(3);
  const others = ["reached", "reached", "message"].map((path) => on.call(path));
  await until("two are taken", () => taken(on.all).join("") === "reachedreached");
  const ask = on.call("ask");
  await until("the third is", () => taken(on.all).join("") === "askreachedreached");
  for (const line of on.all) line.answer();
  expect(await ask).toBe(200);
  await until("the message went too", () => taken(on.all).join().includes("message"));
  for (const line of on.all) if (line.calls.at(-1) === "message") line.answer();
  expect(await Promise.all(others)).toEqual([200, 200, 200]);
});

test("carry() makes every call where there is one connection alone", async () => {
  await using on = await calling(1);
  const first = on.call("message");
  const second = on.call("ask");
  await until("the first came", () => on.all[0]?.calls.length === 1);
  on.all[0]?.answer();
  expect(await first).toBe(200);
  await until("the second came", () => on.all[0]?.calls.join() === "message,ask");
  on.all[0]?.answer();
  expect(await second).toBe(200);
});

test("carry() fails when the last connection has ended, and when its caller leaves", async () => {
  await using on = await calling(2);
  const called = on.call("ask");
  await until("it came", () => taken(on.all).includes("ask"));
  for (const { ends } of on.all) ends.dialled.destroy();
  expect(await called).toBeString();
  await until("they have ended", () => on.calls.countOf(peer) === 0);
  expect(await on.call("ask")).toBe("none");
  await using other = await calling(1);
  const leaving = new AbortController();
  const left = other.call("ask", leaving.signal);
  await until("it came", () => taken(other.all).includes("ask"));
  leaving.abort(new Error("left"));
  expect(await left).toBe("left");
});

test("carry() fails at once where the connections ended before the call", async () => {
  await using on = await calling(1);
  const carrier = on.calls.carrier(peer);
  on.all[0]?.ends.accepted.destroy();
  await until("it has ended", () => on.calls.countOf(peer) === 0);
  const options = { token: null, signal: new AbortController().signal };
  const called = carrier?.carry({ path: "ask", body: "{}" }, options);
  await expect(called ?? Promise.resolve()).rejects.toThrow("closed its connections");
});

test("dueForHello() gives each connection out once, and calls over that one", async () => {
  await using on = await calling(3);
  const due = on.calls.dueForHello();
  expect(due.length).toBe(3);
  expect(on.calls.dueForHello()).toEqual([]);
  const signal = new AbortController().signal;
  const hellos = due.map(({ carrier }) =>
    carrier.carry({ path: "hello", body: "{}" }, { token: null, signal }),
  );
  await until("each had one", () => taken(on.all).join() === "hello,hello,hello");
  for (const line of on.all) line.answer();
  expect((await Promise.all(hellos)).map(({ status }) => status)).toEqual([200, 200, 200]);
});
