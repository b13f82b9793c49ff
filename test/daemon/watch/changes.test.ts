/** A machine of one's own that watches is told of a change of state at once; any other later. */

import { describe, expect, test } from "bun:test";
import { type Machine, type MachineOptions, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";

const all = { entries: [], mine: true };
const process = { pid: 1, start_time: "1" };

const works = (on: Machine, state: "working" | "waiting") =>
  on.calls.hook({
    event: "state",
    state,
    harness: "claude-code",
    session_id: "api",
    process,
    sole: false,
    headless: false,
    cwd: "/tmp",
    root: null,
    project: "api",
  });

/** The state of the one session of mini, as the laptop has it. */
const stateAt = async (on: Machine): Promise<string | null | undefined> =>
  (await on.calls.peers({})).peers[0]?.handles[0]?.state;

async function watchedPair(mine: boolean, options: MachineOptions = {}) {
  const mini = await machine("mini", options);
  const laptop = await machine("laptop");
  await pair(mini, laptop);
  if (mine) {
    await mini.calls["peers/grant"]({ name: "laptop", ...all });
    await laptop.calls["peers/grant"]({ name: "mini", ...all });
  }
  await mini.calls.activate(
    session({ name: "api", session_id: "api", harness: "claude-code", summary: "Port it\nnow" }),
  );
  await until("the laptop knows the session", async () => {
    const { peers } = await laptop.calls.peers({});
    return peers[0]?.handles.length === 1;
  });
  return { mini, laptop };
}

describe("a hello", () => {
  test("tells the facts that a list shows of each session", async () => {
    const { mini, laptop } = await watchedPair(false);
    await using _mini = mini;
    await using _laptop = laptop;
    const { peers } = await laptop.calls.peers({});
    expect(peers[0]?.handles[0]).toMatchObject({
      handle: "mini/api",
      harness: "claude-code",
      summary: "Port it",
    });
  });

  test("is said at once when a session changes and a machine of one's own watches", async () => {
    const { mini, laptop } = await watchedPair(true);
    await using _mini = mini;
    await using _laptop = laptop;
    const events = laptop.calls.watch({})[Symbol.asyncIterator]();
    await events.next();
    await until("mini knows that the laptop watches", async () => {
      const { peers } = await mini.calls.peers({});
      return peers[0]?.watches === true;
    });
    await works(mini, "waiting");
    await until("the laptop sees it wait", async () => (await stateAt(laptop)) === "waiting");
    await works(mini, "working");
    await until("the laptop sees it work", async () => (await stateAt(laptop)) === "working");
    await events.return?.();
    await until("mini knows that nobody watches", async () => {
      const { peers } = await mini.calls.peers({});
      return peers[0]?.watches === false;
    });
    // The record of an hour is written at its end, and at the daemon's.
    await using restarted = await mini.restart();
    const { records } = await restarted.calls.audit({ verb: "hello", all: true });
    const watched = records.filter(({ outcome }) => outcome === "watching");
    expect(watched.map(({ peer_name, direction }) => [peer_name, direction])).toEqual([
      ["laptop", "in"],
    ]);
    expect(watched[0]?.count).toBeGreaterThan(0);
  });

  test("tells a change without waiting for the sweep, and the next by the sweep", async () => {
    let isStill = false;
    const { mini, laptop } = await watchedPair(true, {
      effects: (real) => ({
        ...real,
        timers: {
          ...real.timers,
          every: (ms, run) => real.timers.every(ms, () => isStill || run()),
        },
      }),
    });
    await using _mini = mini;
    await using _laptop = laptop;
    const events = laptop.calls.watch({})[Symbol.asyncIterator]();
    await events.next();
    await until("mini knows that the laptop watches", async () => {
      const { peers } = await mini.calls.peers({});
      return peers[0]?.watches === true;
    });
    isStill = true;
    await works(mini, "waiting");
    await until("the laptop sees it wait", async () => (await stateAt(laptop)) === "waiting");
    // A second hello within the second would be one too many.
    await works(mini, "working");
    isStill = false;
    await until("the laptop sees it work", async () => (await stateAt(laptop)) === "working");
    await events.return?.();
  });

  test("says nothing of watching to a machine that is not one's own", async () => {
    const { mini, laptop } = await watchedPair(false);
    await using _mini = mini;
    await using _laptop = laptop;
    const events = laptop.calls.watch({})[Symbol.asyncIterator]();
    await events.next();
    await laptop.calls.activate(session({ name: "other", session_id: "other" }));
    await until("mini has heard a hello since", async () => {
      const { peers } = await mini.calls.peers({});
      return peers[0]?.handles.length === 1;
    });
    expect((await mini.calls.peers({})).peers[0]?.watches).toBe(false);
    await events.return?.();
  });
});

test("a machine that is down keeps its last handles, with their age", async () => {
  const { mini, laptop } = await watchedPair(false);
  await using _laptop = laptop;
  await mini[Symbol.asyncDispose]();
  await laptop.calls.ask({ handle: "mini/", question: null, thread_id: null, timeout_ms: 1_000 });
  const { peers } = await laptop.calls.peers({});
  expect(peers[0]).toMatchObject({
    link: "down",
    handles: [],
    last_known: { handles: [{ handle: "mini/api", summary: "Port it" }] },
  });
  expect(peers[0]?.last_known?.age_ms).toBeLessThan(60_000);
});
