/** Several attempts at one thing: their order, and the end that counts. */

import { expect, test } from "bun:test";
import { firstOf } from "../../src/peer/first-of.ts";
import { timers } from "../../src/platform/clock/timers.ts";

interface Run {
  readonly end: Promise<string>;
  /** The number of attempts that began. */
  readonly begun: () => number;
}

const failed = (): Promise<string> => Promise.reject(new Error("failed"));
const hanging = (): Promise<string> => new Promise(() => {});

/** Runs these attempts, of which each is slow after a millisecond. */
function run(...attempts: (() => Promise<string>)[]): Run {
  let begun = 0;
  const next = (): Promise<string> | null => {
    const attempt = attempts.shift();
    if (attempt === undefined) return null;
    begun += 1;
    return attempt();
  };
  const isFinal = (error: unknown): boolean => error instanceof TypeError;
  const none = (): Error => new Error("none");
  return { end: firstOf({ next, isFinal, none, slowMs: 1, timers }), begun: () => begun };
}

const endOf = ({ end }: Run): Promise<string> =>
  end.catch((error: unknown) => (error instanceof Error ? error.message : "?"));

test("firstOf() takes the first success, and begins no other attempt", async () => {
  const one = run(async () => "one", failed);
  expect([await endOf(one), one.begun()]).toEqual(["one", 1]);
});

test("firstOf() begins the next attempt when one has failed or is slow", async () => {
  expect(await endOf(run(failed, async () => "two"))).toBe("two");
  expect(await endOf(run(hanging, async () => "two"))).toBe("two");
  expect(await endOf(run(hanging, failed, async () => "three"))).toBe("three");
});

test("firstOf() still takes a slow success after the others have failed", async () => {
  const slow = Promise.withResolvers<string>();
  const all = run(
    () => slow.promise,
    () => {
      queueMicrotask(() => slow.resolve("slow"));
      return failed();
    },
  );
  expect(await endOf(all)).toBe("slow");
});

test("firstOf() fails with the last failure, or the one that is final, or none", async () => {
  expect(await endOf(run(failed, () => Promise.reject(new Error("last"))))).toBe("last");
  const final = run(
    () => Promise.reject(new TypeError("final")),
    async () => "two",
  );
  expect([await endOf(final), final.begun()]).toEqual(["final", 1]);
  expect(await endOf(run())).toBe("none");
});
