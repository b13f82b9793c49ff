import { expect, test } from "bun:test";
import { facts, home, instants, lease, reading } from "../session/home.ts";
import { settled } from "../support/effects.ts";

test("keep() reads a folder once for all sessions in it, and hands each its reading", async () => {
  const { advance, read, readings, state } = home([lease(1, "/src"), lease(2, "/src"), lease(3)]);
  state.describe = async (cwd) => reading(cwd === "/src" ? facts : null);
  await advance(30_000);
  expect(readings().slice(0, 2)).toEqual([
    {
      at: 0,
      beats: [
        { name: "s1", generation: 1 },
        { name: "s2", generation: 2 },
      ],
      git: facts,
    },
    { at: 0, beats: [{ name: "s3", generation: 3 }], git: null },
  ]);
  expect(read).toEqual([
    { at: 0, cwd: "/src" },
    { at: 0, cwd: "/src/3" },
    { at: 30_000, cwd: "/src" },
    { at: 30_000, cwd: "/src/3" },
  ]);
});

test("keep() reads every 30 s until a reading costs more than a fiftieth of that", async () => {
  const { advance, read, timers, state } = home([lease(1)]);
  let costMs = 580;
  state.describe = async () => {
    await new Promise<void>((resolve) => timers.after(costMs, resolve));
    return reading(facts);
  };
  // 580 + 50 × 580 = 29,580 is within the beat.
  await advance(30_000);
  expect(instants(read)).toEqual([0, 30_000]);
  costMs = 620;
  await advance(30_000);
  // The second took 580 still; the third takes 620.
  expect(instants(read)).toEqual([0, 30_000, 60_000]);
  // 620 + 50 × 620 = 31,620, seen by the check after it.
  await advance(31_999);
  expect(read.length).toBe(3);
  await advance(1);
  expect(instants(read)).toEqual([0, 30_000, 60_000, 92_000]);
});

test("keep() counts the cost of all folders, read one after another, together", async () => {
  const { advance, read, timers, state } = home([lease(1), lease(2)]);
  state.describe = async () => {
    await new Promise<void>((resolve) => timers.after(1_000, resolve));
    return reading(facts);
  };
  // 2,000 + 50 × 2,000 = 102,000.
  await advance(101_999);
  expect(instants(read)).toEqual([0, 1_000]);
  await advance(1);
  expect(instants(read)).toEqual([0, 1_000, 102_000]);
});

test("keep() beats on time and reads nothing twice while a reading is slow", async () => {
  const { advance, beats, readings, read, state } = home([lease(1), lease(2)]);
  const slow = Promise.withResolvers<ReturnType<typeof reading>>();
  state.describe = async (cwd) => (cwd === "/src/2" ? slow.promise : reading(facts));
  await advance(90_000);
  expect(instants(beats())).toEqual([0, 30_000, 60_000, 90_000]);
  expect(read.length).toBe(2);
  expect(readings().map((call) => call.beats[0]?.name)).toEqual(["s1"]);
  slow.resolve(reading(null));
  await settled();
  expect(readings().map((call) => call.beats[0]?.name)).toEqual(["s1", "s2"]);
});

test("keep() hands on all readings but one that failed, with the reason for no facts", async () => {
  const { advance, readings, beats, log, state } = home([lease(1), lease(2), lease(3)]);
  state.describe = async (cwd) => {
    if (cwd === "/src/1") throw new Error("no such disk");
    return reading(null, cwd === "/src/2" ? "late" : null);
  };
  await advance(0);
  expect(readings()).toEqual([
    { at: 0, beats: [{ name: "s2", generation: 2 }], git: null, git_why: "late" },
    { at: 0, beats: [{ name: "s3", generation: 3 }], git: null },
  ]);
  expect(log.entries).toEqual([
    { level: "warn", event: "reading_failed", fields: { reason: "Error: no such disk" } },
  ]);
  await advance(30_000);
  expect([instants(beats()), readings().length]).toEqual([[0, 30_000], 4]);
});

test("keep() starts no further reading once it ends, and waits for the one under way", async () => {
  const { advance, dead, read, readings, state } = home([lease(1), lease(2)]);
  const slow = Promise.withResolvers<ReturnType<typeof reading>>();
  state.describe = () => slow.promise;
  await advance(0);
  dead.add(1).add(2);
  await advance(4_000);
  expect([state.leases, state.ended]).toEqual([[], false]);
  slow.resolve(reading(facts));
  await settled();
  expect([state.ended, read.length, readings().length]).toEqual([true, 1, 1]);
});

const unread = (pid: number, cwd?: string) => ({ ...lease(pid, cwd), git_read: false });

test("keep() reads at its next check for a lease that was never read", async () => {
  const { advance, read, readings, state } = home([lease(1)]);
  await advance(5_000);
  state.leases = [...state.leases, unread(2)];
  await advance(1_000);
  expect(read).toEqual([
    { at: 0, cwd: "/src/1" },
    { at: 6_000, cwd: "/src/2" },
  ]);
  expect(readings().at(-1)).toEqual({
    at: 6_000,
    beats: [{ name: "s2", generation: 2 }],
    git: facts,
  });
  await advance(24_000);
  // All others keep their turn.
  expect(read.slice(2)).toEqual([
    { at: 30_000, cwd: "/src/1" },
    { at: 30_000, cwd: "/src/2" },
  ]);
});

test("keep() reads for a new lease though the pause is long, and then longer", async () => {
  const { advance, read, timers, state } = home([lease(1)]);
  let costMs = 2_000;
  state.describe = async () => {
    await new Promise<void>((resolve) => timers.after(costMs, resolve));
    return reading(facts);
  };
  // 2,000 + 50 × 2,000 = 102,000 for all.
  await advance(89_000);
  costMs = 1_000;
  state.leases = [...state.leases, unread(2)];
  await advance(1_000);
  expect(instants(read)).toEqual([0, 90_000]);
  // 91,000 + 50 × 1,000 = 141,000, seen by the check after it.
  await advance(51_999);
  expect(instants(read)).toEqual([0, 90_000]);
  await advance(1);
  expect(instants(read)).toEqual([0, 90_000, 142_000]);
});

test("keep() reads a slow folder no sooner for new leases, one after another, in it", async () => {
  const { advance, read, timers, state } = home([lease(1)]);
  state.describe = async (cwd) => {
    if (cwd === "/slow") await new Promise<void>((resolve) => timers.after(2_000, resolve));
    return reading(null, cwd === "/slow" ? "late" : null);
  };
  await advance(1_000);
  for (let second = 1; second < 103; second += 1) {
    state.leases = [lease(1), unread(second + 2, "/slow")];
    await advance(1_000);
  }
  const slow = () => instants(read.filter(({ cwd }) => cwd === "/slow"));
  expect(slow()).toEqual([2_000]);
  // Read at 2,000 for 2,000, and then rests 50 × 2,000.
  await advance(2_000);
  expect(slow()).toEqual([2_000, 104_000]);
});

test("keep() reads once at once for a lease, and not again when that came to nothing", async () => {
  const { advance, log, read, state } = home([lease(1)]);
  await advance(1_000);
  state.describe = async () => {
    throw new Error("no such disk");
  };
  state.leases = [...state.leases, unread(2)];
  await advance(27_000);
  expect(instants(read)).toEqual([0, 2_000]);
  expect(log.entries.length).toBe(1);
});

test("keep() reads at once for a lease that went to another folder", async () => {
  const { advance, read, state } = home([lease(1)]);
  await advance(1_000);
  state.leases = [unread(1, "/src/elsewhere")];
  await advance(1_000);
  expect(read).toEqual([
    { at: 0, cwd: "/src/1" },
    { at: 2_000, cwd: "/src/elsewhere" },
  ]);
});

test("keep() tells each session the commits since it began, those alike in one call", async () => {
  const began = (pid: number, started_age_ms?: number) => ({
    ...lease(pid, "/src"),
    ...(started_age_ms === undefined ? {} : { started_age_ms }),
  });
  const { advance, clock, read, readings, state } = home([
    began(1, 60_000),
    began(2, 5_000),
    began(3, 59_000),
    began(4),
  ]);
  const recent = [
    { committedAtMs: clock.wallMs() - 10_000, subject: "second" },
    { committedAtMs: clock.wallMs() - 20_000, subject: "first" },
    { committedAtMs: clock.wallMs() - 90_000, subject: "before" },
  ];
  state.describe = async () => ({ git: facts, why: null, recent });
  await advance(0);
  expect(read.length).toBe(1);
  const told = readings().map(({ beats, git }) => [beats.map(({ name }) => name), git]);
  expect(told).toEqual([
    [["s1", "s3"], { ...facts, since_start: { count: 2, subjects: ["second", "first"] } }],
    [["s2"], { ...facts, since_start: { count: 0, subjects: [] } }],
    [["s4"], facts],
  ]);
});
