/** A call that needs the keeper sees to one until its end. */

import { expect, test } from "bun:test";
import { withKeeper } from "../../src/session/started.ts";
import { fakeClock, fakeTimers } from "../support/effects.ts";

test("withKeeper() starts another keeper when the first one ends during the call", async () => {
  const timers = fakeTimers(fakeClock());
  const answer = Promise.withResolvers<string>();
  let starts = 0;
  const ensureKeeper = async (): Promise<void> => {
    starts += 1;
  };
  const called = withKeeper({ ensureKeeper, timers }, () => answer.promise);
  expect(starts).toBe(1);
  await timers.advance(1_000);
  expect(starts).toBeGreaterThan(2);
  answer.resolve("answer");
  expect(await called).toBe("answer");
  const before = starts;
  await timers.advance(1_000);
  expect(starts).toBe(before);
});
