/** The time until a silent peer is greeted again. */

import { expect, test } from "bun:test";
import { helloMs, helloPauseMaxMs, helloPauseMs } from "../../../src/contract/limits.ts";
import type { Effects } from "../../../src/platform/effects.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { hello } from "../attack/asking.ts";
import { newIdentity } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";
import { liar, replyOf } from "../attack/server.ts";

/** Draws no jitter, and counts hellos that are over: each draws when the next is due. */
function plainTurns() {
  const turns = { over: 0 };
  const effects = (real: Effects): Effects => ({
    ...real,
    random: {
      ...real.random,
      integer: (below) => {
        if (below !== 1_000) return real.random.integer(below);
        turns.over += 1;
        return 500;
      },
    },
  });
  return { turns, effects };
}

/** A daemon whose one peer answers hellos while it is awake. */
async function oneSleeper() {
  const time = moved();
  const { turns, effects } = plainTurns();
  const on = await machine("on", { ...time, effects: (real) => effects(time.effects(real)) });
  const identity = newIdentity();
  let isAwake = false;
  const sleeper = await liar(identity, ({ socket }) => {
    if (isAwake) socket.write(replyOf({ ...hello, dialled: true, handles: [] }));
    else socket.destroy();
  });
  const peer = await enrol(on, { identity, name: "sleeper", port: sleeper.port });
  await until("the first hello is over", () => turns.over === 1);
  const steps = stepsOf({ on, time, turns, lines: sleeper.seen.lines });
  return {
    on,
    peer,
    wake: (): void => {
      isAwake = true;
    },
    sleep: (): void => {
      isAwake = false;
    },
    ...steps,
    [Symbol.asyncDispose]: async () => {
      await sleeper[Symbol.asyncDispose]();
      await on[Symbol.asyncDispose]();
    },
  };
}

interface Watched {
  readonly on: Machine;
  readonly time: Moved;
  readonly turns: { over: number };
  /** Requests that the sleeper saw. */
  readonly lines: readonly string[];
}

/** The steps of a sweep. */
function stepsOf({ on, time, turns, lines }: Watched) {
  /** Sweeps, and sees that this says no hello. */
  const expectNone = async (): Promise<void> => {
    const { over } = turns;
    const before = lines.length;
    time.sweep();
    // Calls that go over the control socket: a hello to loopback takes no longer.
    for (let calls = 0; calls < 8; calls += 1) await on.calls.status({});
    expect([turns.over, lines.length]).toEqual([over, before]);
  };
  /** Sweeps, and waits for the hello that this says. */
  const expectOne = async (): Promise<void> => {
    const { over } = turns;
    time.sweep();
    await until("a hello is over", () => turns.over > over);
    expect(turns.over).toBe(over + 1);
  };
  return {
    expectNone,
    expectOne,
    /** Sees that the next hello comes after exactly so long. */
    expectPause: async (ms: number): Promise<void> => {
      time.pass(ms - 1);
      await expectNone();
      time.pass(1);
      await expectOne();
    },
  };
}

test("hellos to a peer that is down pause twice as long each time, up to a minute", async () => {
  await using one = await oneSleeper();
  for (const ms of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]) {
    await one.expectPause(ms);
  }
  expect([helloPauseMs, helloPauseMaxMs]).toEqual([5_000, 60_000]);
});

test("a hello is due at once when a peer that was down makes a request", async () => {
  await using one = await oneSleeper();
  for (const ms of [5_000, 10_000, 20_000]) await one.expectPause(ms);
  await one.expectNone();
  using connection = await one.peer.connect();
  const reply = await connection.post("hello", hello, { token: one.peer.token });
  expect(reply?.status).toBe(200);
  one.wake();
  await one.expectOne();
  expect((await one.on.calls.peers({})).peers[0]).toMatchObject({ link: "up", version: "1" });
  // From now on it is greeted like any other, and what it failed before is forgotten.
  await one.expectPause(helloMs);
  one.sleep();
  await one.expectPause(helloMs);
  for (const ms of [5_000, 10_000]) await one.expectPause(ms);
});
