/** Waits on a peer that a test plays: what it may end, and what it is called with. */

import { expect, test } from "bun:test";
import type { WaitEvent } from "../../../src/contract/reach/waits.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { endOf, hello } from "../attack/asking.ts";
import { newIdentity } from "../attack/connection.ts";
import { enrol } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";
import { liar, replyOf } from "../attack/server.ts";

/** A machine with a peer by hand that has these features, and takes each wait. */
async function waitedOn(features: readonly string[]) {
  const on = await machine("on");
  const identity = newIdentity();
  const waits: { wait_id: string; since: unknown }[] = [];
  const fake = await liar(identity, ({ line, body, socket }) => {
    if (line === "POST /v1/wait") waits.push(JSON.parse(body));
    const since = { lease_id: "0190a0a0-0000-7000-8000-000000000007", state: "working" };
    const waiting = { outcome: "waiting", reason: null, answer: null, since };
    const told = { ...hello, features, dialled: true, handles: null };
    socket.write(replyOf(line === "POST /v1/hello" ? told : waiting));
  });
  const peer = await enrol(on, { identity, port: fake.port });
  return {
    ...{ on, peer, waits, lines: fake.seen.lines },
    [Symbol.asyncDispose]: async () => {
      await on[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

/** Begins a wait; resolves with its events once the peer has taken it. */
async function begun({ calls }: Machine, signal?: AbortSignal) {
  const events: WaitEvent[] = [];
  const read = async (): Promise<void> => {
    const input = { handle: "mallory/work", until: "commit" as const };
    for await (const event of calls.wait(input, signal === undefined ? {} : { signal })) {
      events.push(event);
    }
  };
  const ended = read().catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
  await Promise.race([ended, until("the wait is taken", () => events.length > 0)]);
  return { events, ended };
}

const ended = { outcome: "ended", reason: "gone", answer: null };

test("a peer that does not list waits is never called with one", async () => {
  await using of = await waitedOn(["grants"]);
  const error = await refusalOf(begun(of.on));
  expect(error.body).toEqual({
    code: "version_unsupported",
    message: "mallory runs a version of peernet that cannot be waited on",
    hint: "update peernet on mallory",
  });
  expect(of.lines.filter((line) => line.includes("wait"))).toEqual([]);
});

test("reached is good for one open wait on that very machine, once", async () => {
  await using of = await waitedOn(["grants", "waits"]);
  const other = await enrol(of.on, { name: "eve" });
  const wait = await begun(of.on);
  const wait_id = of.waits[0]?.wait_id ?? "";
  const tell = async (from: typeof other, body: object) => {
    using connection = await from.connect();
    return endOf(await connection.post("reached", { ...ended, ...body }, { token: from.token }));
  };
  expect(await tell(other, { wait_id })).toBe("id_unknown");
  expect(await tell(of.peer, { wait_id: Bun.randomUUIDv7() })).toBe("id_unknown");
  expect(wait.events).toHaveLength(1);
  expect(await tell(of.peer, { wait_id })).toBe("200");
  await wait.ended;
  expect(wait.events.at(-1)).toMatchObject({ event: "ended", outcome: "ended", reason: "gone" });
  expect(await tell(of.peer, { wait_id, outcome: "reached", reason: null })).toBe("200");
  const again: WaitEvent[] = [];
  const input = { handle: "mallory/work", wait_id };
  for await (const event of of.on.calls.wait(input)) again.push(event);
  expect(again).toEqual([wait.events.at(-1)] as WaitEvent[]);
});

test("a wait that its session leaves is ended at the peer", async () => {
  await using of = await waitedOn(["grants", "waits"]);
  const leaving = new AbortController();
  const wait = await begun(of.on, leaving.signal);
  leaving.abort();
  await wait.ended;
  await until("the peer is told", () => of.lines.includes("POST /v1/wait/end"));
});

test("a wait goes on after a restart, from what its peer said that it begins from", async () => {
  await using of = await waitedOn(["grants", "waits"]);
  const leaving = new AbortController();
  const wait = await begun(of.on, leaving.signal);
  const wait_id = of.waits[0]?.wait_id ?? "";
  await using again = await of.on.restart();
  await wait.ended;
  await until("it is repeated", () => of.waits.length > 1);
  const since = { lease_id: "0190a0a0-0000-7000-8000-000000000007", state: "working" };
  expect(of.waits[1]).toMatchObject({ wait_id, since });
  const events: WaitEvent[] = [];
  for await (const event of again.calls.wait({ handle: "mallory/work", wait_id })) {
    events.push(event);
    if (event.event === "waiting") break;
  }
  expect(events).toMatchObject([{ event: "waiting", wait_id, state: "working" }]);
});

test("a wait whose peer is unpaired ends with that", async () => {
  await using of = await waitedOn(["grants", "waits"]);
  const wait = await begun(of.on);
  const failed = refusalOf(wait.ended);
  await of.on.calls.unpair({ name: "mallory" });
  expect((await failed).code).toBe("peer_unknown");
});
