import { expect, test } from "bun:test";
import { handlesMax } from "../../src/contract/limits.ts";
import { home, instants, lease } from "../session/home.ts";

test("keep() ends at once when there is no lease", async () => {
  const { kept, state, beats, timers } = home([]);
  await kept;
  expect([state.listed, beats(), timers.pending()]).toEqual([[0], [], 0]);
});

test("keep() renews every lease at once and then every 30 s", async () => {
  const { advance, beats, state } = home([lease(1), lease(2)]);
  await advance(29_999);
  expect(beats()).toEqual([
    {
      at: 0,
      beats: [
        { name: "s1", generation: 1 },
        { name: "s2", generation: 2 },
      ],
    },
  ]);
  await advance(60_001);
  expect(instants(beats())).toEqual([0, 30_000, 60_000, 90_000]);
  expect(state.listed.slice(0, 3)).toEqual([0, 2_000, 4_000]);
});

test("keep() renews 256 leases in one call", async () => {
  const { advance, beats } = home(
    Array.from({ length: handlesMax }, (_, at) => lease(at + 1, "/src")),
  );
  await advance(30_000);
  expect(beats().map((call) => call.beats.length)).toEqual([256, 256]);
});

test("keep() renews a new lease with the next beat", async () => {
  const { advance, beats, state } = home([lease(1)]);
  await advance(5_000);
  state.leases = [...state.leases, lease(2)];
  await advance(24_999);
  expect(beats().length).toBe(1);
  await advance(1);
  expect(beats()[1]?.beats.map(({ name }) => name)).toEqual(["s1", "s2"]);
});

test("keep() releases exactly the lease whose process is gone, within 2 s", async () => {
  const { advance, dead, state, beats, log } = home([lease(1), lease(2)]);
  await advance(10_001);
  dead.add(1);
  await advance(1_998);
  expect(state.released).toEqual([]);
  await advance(1);
  expect(state.released).toEqual([{ at: 12_000, selector: { name: "s1", generation: 1 } }]);
  expect(log.entries).toEqual([
    { level: "info", event: "lease_released", fields: { name: "s1", generation: 1 } },
  ]);
  await advance(18_000);
  expect(beats()[1]?.beats).toEqual([{ name: "s2", generation: 2 }]);
  expect(state.ended).toBe(false);
});

test("keep() ends with the last lease", async () => {
  const { advance, dead, kept, state, timers } = home([lease(1)]);
  await advance(10_000);
  dead.add(1);
  await advance(2_000);
  expect([state.leases, state.ended]).toEqual([[], false]);
  await advance(2_000);
  await kept;
  expect(timers.pending()).toBe(0);
});

test("keep() keeps a lease whose process the system does not tell of", async () => {
  const { advance, dead, state, beats } = home([lease(1), lease(2)]);
  dead.has = (pid) => {
    if (pid === 1) throw new Error("too many open files");
    return true;
  };
  await advance(30_000);
  expect(state.released.map(({ selector }) => selector)).toEqual([{ name: "s2", generation: 2 }]);
  expect(beats().map((call) => call.beats)).toEqual([
    [{ name: "s1", generation: 1 }],
    [{ name: "s1", generation: 1 }],
  ]);
});

test("keep() releases no later lease of the same name", async () => {
  const { advance, dead, state, beats } = home([lease(1), lease(2)]);
  dead.has = (pid) => {
    const gone = pid === 1 && state.leases[0]?.generation === 1;
    // Between the listing and the release, another session takes the name.
    if (gone) state.leases = [{ ...lease(1), generation: 9 }, lease(2)];
    return gone;
  };
  await advance(30_000);
  expect(state.released).toEqual([]);
  expect(beats().map((call) => call.beats.map(({ generation }) => generation))).toEqual([
    [2],
    [9, 2],
  ]);
});

test("keep() renews at once when the daemon is back", async () => {
  const { advance, beats, state } = home([lease(1)]);
  await advance(5_000);
  state.up = false;
  await advance(10_000);
  state.up = true;
  await advance(999);
  expect(instants(beats())).toEqual([0]);
  await advance(1);
  expect(instants(beats())).toEqual([0, 16_000]);
  await advance(30_000);
  expect(instants(beats())).toEqual([0, 16_000, 46_000]);
});

test("keep() waits one lease life for a daemon, and no longer", async () => {
  const { advance, kept, state } = home([lease(1)]);
  await advance(1_000);
  state.up = false;
  // Last reached at 0; 74,000 is within 75,000, and 76,000 is not.
  await advance(74_999);
  expect(state.ended).toBe(false);
  await advance(1);
  await kept;
});

test("keep() counts from the daemon's last answer", async () => {
  const { advance, kept, state, beats } = home([lease(1)]);
  state.up = false;
  await advance(74_000);
  state.up = true;
  await advance(2_000);
  state.up = false;
  await advance(74_000);
  expect([state.ended, instants(beats())]).toEqual([false, [76_000]]);
  await advance(2_000);
  await kept;
});

test("keep() gives up a call that is not answered in 10 s", async () => {
  const { advance, beats, state, timers } = home([lease(1)]);
  await advance(0);
  state.stuck = true;
  await advance(13_999);
  expect(state.listed).toEqual([0, 2_000]);
  state.stuck = false;
  await advance(1);
  expect([state.listed, instants(beats())]).toEqual([
    [0, 2_000, 14_000],
    [0, 14_000],
  ]);
  expect(timers.pending()).toBe(1);
});

test("keep() beats as soon as a machine that slept is awake", async () => {
  const { advance, beats, clock, state } = home([lease(1)]);
  await advance(4_000);
  clock.suspend(3_600_000);
  state.up = false;
  await advance(2_000);
  expect(state.ended).toBe(false);
  state.up = true;
  await advance(2_000);
  clock.suspend(30_000);
  await advance(2_000);
  expect(instants(beats())).toEqual([0, 8_000, 10_000]);
});

test("keep() renews at once what a restarted daemon does not serve yet", async () => {
  const { advance, beats, state } = home([lease(1)]);
  await advance(4_000);
  state.leases = [{ ...lease(1), held: true }];
  await advance(2_000);
  expect(instants(beats())).toEqual([0, 6_000]);
});

test("keep() ends when its daemon does not answer and will not return", async () => {
  const { advance, state } = home([lease(1)]);
  await advance(2_000);
  state.up = false;
  await advance(2_000);
  expect(state.ended).toBe(false);
  state.mayReturn = false;
  await advance(2_000);
  expect(state.ended).toBe(true);
});

test("keep() stays without a lease while the daemon wants it, and ends soon after", async () => {
  const { advance, state } = home([]);
  state.wanted = true;
  await advance(60_000);
  expect([state.ended, state.renewed]).toEqual([false, []]);
  state.wanted = false;
  await advance(2_000);
  expect(state.ended).toBe(true);
});

test("keep() ends when it is to make room for a later version, though a lease lives", async () => {
  const { advance, state } = home([lease(1)]);
  await advance(10_000);
  state.isReplaced = true;
  await advance(2_000);
  expect([state.ended, state.released]).toEqual([true, []]);
});
