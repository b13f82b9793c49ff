import { expect, test } from "bun:test";
import { PeernetError } from "../../src/contract/errors.ts";
import { fakeEffects, fakeFiles, seededRandom } from "./effects.ts";

test("fakeTimers() fire in order of instant, then of arming", async () => {
  const { timers, clock } = fakeEffects();
  const startMs = clock.monotonicMs();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.monotonicMs() - startMs]);
  timers.after(20, note("c"));
  timers.after(10, note("a"));
  timers.after(10, note("b"));
  timers.every(15, note("every"));
  await timers.advance(30);
  expect(fired).toEqual([
    ["a", 10],
    ["b", 10],
    ["every", 15],
    ["c", 20],
    ["every", 30],
  ]);
  expect(timers.pending()).toBe(1);
});

test("fakeTimers() fire at their instant and not a millisecond before", async () => {
  const { timers } = fakeEffects();
  let fired = 0;
  timers.after(10, () => {
    fired += 1;
  });
  await timers.advance(9);
  expect(fired).toBe(0);
  await timers.advance(1);
  expect(fired).toBe(1);
});

test("fakeTimers() let promises run between two timers", async () => {
  const { timers, clock } = fakeEffects();
  const startMs = clock.monotonicMs();
  const instants: number[] = [];
  const loop = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise<void>((resolve) => timers.after(10, resolve));
      instants.push(clock.monotonicMs() - startMs);
    }
  };
  const done = loop();
  await timers.advance(30);
  await done;
  expect(instants).toEqual([10, 20, 30]);
});

test("fakeTimers() forget a timer that was cancelled, also twice", async () => {
  const { timers } = fakeEffects();
  const cancel = timers.after(1, () => {
    throw new Error("fired");
  });
  cancel();
  cancel();
  await timers.advance(5);
  expect(timers.pending()).toBe(0);
});

test("fakeTimers() give up on a timer that re-arms itself without end", async () => {
  const { timers } = fakeEffects();
  const again = (): void => {
    timers.after(0, again);
  };
  again();
  await expect(timers.advance(1)).rejects.toThrow("a timer re-arms itself without end");
});

test("fakeClock() stands still but for what moves it", () => {
  const { clock } = fakeEffects();
  const before = [clock.wallMs(), clock.bootMs(), clock.monotonicMs()];
  clock.move(5);
  clock.suspend(100);
  const after = [clock.wallMs(), clock.bootMs(), clock.monotonicMs()];
  expect(after.map((ms, at) => ms - (before[at] ?? 0))).toEqual([105, 105, 5]);
  clock.setWall(0);
  expect([clock.wallMs(), clock.bootMs()]).toEqual([0, after[1] ?? 0]);
  expect(() => clock.move(-1)).toThrow("clocks go forward");
});

test("seededRandom() repeats itself for one seed and not for another", () => {
  const draw = (seed: number): string => {
    const random = seededRandom(seed);
    return `${random.bytes(16).toHex()} ${random.integer(1_000_000)} ${random.uuid()}`;
  };
  expect(draw(7)).toBe(draw(7));
  expect(draw(7)).not.toBe(draw(8));
});

test("seededRandom() draws every integer below its bound, and UUIDv7", () => {
  const random = seededRandom(3);
  const drawn = new Set(Array.from({ length: 200 }, () => random.integer(6)));
  expect([...drawn].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(random.uuid()).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test("fakeFiles() keep written files and fail on demand", () => {
  const files = fakeFiles();
  files.write("a", "1");
  files.append("a", "2");
  expect(files.read("a")).toBe("12");
  files.failure = new PeernetError("storage_full");
  expect(() => files.append("a", "3")).toThrow("no space is left on the disk");
  files.remove("a");
  expect(files.read("a")).toBeNull();
});
