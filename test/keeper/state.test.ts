import { expect, test } from "bun:test";
import type { State } from "../../src/contract/lease.ts";
import { home, instants, lease } from "../session/home.ts";

/** A session of Claude Code whose last report has that age. */
const claude = (state: State | null, state_age_ms: number | null) => ({
  ...lease(1),
  harness: "claude-code",
  session_id: "a",
  state,
  state_age_ms,
});

test("keep() passes on at its next check a state that no hook reported", async () => {
  const { advance, beats, clock, state } = home([claude("working", 500_000), lease(2)]);
  await advance(5_000);
  const told = { session_id: "a", state: "idle", since_ms: clock.wallMs() } as const;
  state.told.set(1, told).set(2, told);
  state.leases = [claude("working", 1_500), lease(2)];
  await advance(1_000);
  expect(beats().slice(1)).toEqual([
    {
      at: 6_000,
      beats: [{ name: "s1", generation: 1, observed: { state: "idle", age_ms: 1_000 } }],
    },
  ]);
  // The daemon knows now; the file is older than a hook's later report.
  state.leases = [claude("idle", 0), lease(2)];
  await advance(2_000);
  state.leases = [claude("working", 1_000), lease(2)];
  await advance(2_000);
  expect(instants(beats())).toEqual([0, 6_000]);
});

test("keep() hands it on with a beat that is due, and the others' beats with it", async () => {
  const { advance, beats, clock, state } = home([claude(null, null), lease(2)]);
  state.told.set(1, { session_id: "a", state: "waiting", since_ms: clock.wallMs() - 7 });
  await advance(0);
  expect(beats()).toEqual([
    {
      at: 0,
      beats: [
        { name: "s1", generation: 1, observed: { state: "waiting", age_ms: 7 } },
        { name: "s2", generation: 2 },
      ],
    },
  ]);
});

test("keep() says once a minute that a long turn goes on", async () => {
  const { advance, beats, clock, state } = home([claude("working", 0)]);
  const since_ms = clock.wallMs();
  state.told.set(1, { session_id: "a", state: "working", since_ms });
  let heardAtMs = since_ms;
  const observations = () => beats().filter((call) => call.beats[0]?.observed !== undefined);
  for (let checks = 0; checks < 120; checks += 1) {
    const seen = observations().length;
    state.leases = [claude("working", clock.wallMs() - heardAtMs)];
    await advance(2_000);
    if (observations().length > seen) heardAtMs = since_ms + (observations().at(-1)?.at ?? 0);
  }
  expect(observations().length).toBe(3);
  expect(observations()[0]?.beats[0]?.observed).toEqual({ state: "working", age_ms: 0 });
});

test("keep() reads the file of no other harness", async () => {
  const { advance, beats, clock, state } = home([{ ...claude(null, null), harness: "codex" }]);
  state.told.set(1, { session_id: "a", state: "working", since_ms: clock.wallMs() });
  await advance(10_000);
  expect(beats().map((call) => call.beats)).toEqual([[{ name: "s1", generation: 1 }]]);
});
