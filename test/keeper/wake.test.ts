import { expect, test } from "bun:test";
import { heartbeatMs, leaseLifeMs, processCheckMs } from "../../src/contract/limits.ts";
import { home, instants, lease } from "../session/home.ts";

/** The daemon's acts while the machine sleeps: these leases end by silence. */
function endBySilence(
  state: ReturnType<typeof home>["state"],
  ...numbers: readonly number[]
): void {
  for (const each of state.leases) {
    if (numbers.includes(each.generation)) state.expired.set(each.generation, each);
  }
  state.leases = state.leases.filter(({ generation }) => !numbers.includes(generation));
}

test("keep() takes again what the machine's sleep ended, and goes on", async () => {
  const { advance, beats, clock, log, state } = home([lease(1), lease(2)]);
  await advance(5_000);
  clock.suspend(3_600_000);
  endBySilence(state, 1, 2);
  await advance(3_000);
  expect(state.woken).toEqual([{ at: 6_000, names: ["s1", "s2"] }]);
  expect(log.entries.at(-1)).toEqual({
    level: "info",
    event: "leases_woken",
    fields: { names: ["s1", "s2"] },
  });
  expect(state.ended).toBe(false);
  await advance(30_000);
  expect(
    beats()
      .at(-1)
      ?.beats.map(({ generation }) => generation),
  ).toEqual([99, 99]);
});

test("keep() takes nothing again that ended while the machine was awake", async () => {
  const { advance, kept, state } = home([lease(1)]);
  await advance(5_000);
  endBySilence(state, 1);
  await advance(1_000);
  await kept;
  expect(state.woken).toEqual([]);
});

test("keep() asks for nothing after a sleep that can have ended no lease", async () => {
  const sleepMs = leaseLifeMs - heartbeatMs - processCheckMs;
  for (const [sleptMs, woken] of [
    [sleepMs - 1, []],
    [sleepMs, ["s1"]],
  ] as const) {
    const { advance, clock, state } = home([lease(1), lease(2)]);
    await advance(5_000);
    clock.suspend(sleptMs);
    endBySilence(state, 1);
    await advance(3_000);
    expect(state.woken.flatMap(({ names }) => names)).toEqual([...woken]);
  }
});

test("keep() takes nothing again for a process that is gone", async () => {
  const { advance, clock, dead, state } = home([lease(1), lease(2)]);
  await advance(5_000);
  clock.suspend(3_600_000);
  dead.add(1);
  endBySilence(state, 1, 2);
  await advance(3_000);
  expect(state.woken.map(({ names }) => names)).toEqual([["s2"]]);
});

test("keep() ends after sleep with what its user released", async () => {
  const { advance, clock, kept, state } = home([lease(1)]);
  await advance(5_000);
  clock.suspend(3_600_000);
  // Released: the daemon has no expired lease of that generation.
  state.leases = [];
  await advance(5_000);
  await kept;
  expect([state.woken.length, state.leases]).toEqual([1, []]);
});

test("keep() takes it again once a daemon answers that did not at first", async () => {
  const { advance, clock, state } = home([lease(1)]);
  await advance(5_000);
  clock.suspend(3_600_000);
  state.up = false;
  await advance(4_000);
  endBySilence(state, 1);
  state.up = true;
  await advance(2_000);
  expect(instants(state.woken)).toEqual([10_000]);
  expect(state.leases.map(({ generation }) => generation)).toEqual([99]);
});

test("keep() asks again for what a daemon failed to give back", async () => {
  const { advance, clock, state } = home([lease(1)]);
  await advance(5_000);
  clock.suspend(3_600_000);
  endBySilence(state, 1);
  state.wakeFails = true;
  await advance(4_000);
  expect([state.ended, state.woken]).toEqual([false, []]);
  state.wakeFails = false;
  await advance(2_000);
  expect(state.leases.map(({ generation }) => generation)).toEqual([99]);
});
