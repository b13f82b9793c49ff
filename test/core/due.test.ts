import { expect, test } from "bun:test";
import { sweepMs, sweepRestMsMax } from "../../src/contract/limits.ts";
import { waitGoneMs } from "../../src/contract/reach/limits.ts";
import { goneInMs, restMs } from "../../src/core/due.ts";

const never = Number.POSITIVE_INFINITY;

test("restMs() is until the first thing is due", () => {
  expect(restMs([sweepRestMsMax - 1, sweepMs + 1, never])).toBe(sweepMs + 1);
});

test("restMs() is at least sweepMs, also when something is overdue", () => {
  for (const dueInMs of [sweepMs - 1, 0, -1, -never])
    expect(restMs([dueInMs, never])).toBe(sweepMs);
});

test("restMs() is at most sweepRestMsMax, also when nothing is ever due", () => {
  expect(restMs([])).toBe(sweepRestMsMax);
  expect(restMs([never])).toBe(sweepRestMsMax);
  expect(restMs([sweepRestMsMax + 1])).toBe(sweepRestMsMax);
});

test("goneInMs() is until the first expired lease counts as gone, not one that did", () => {
  expect(goneInMs([5_000, 3_000], 6_000)).toBe(3_000 + waitGoneMs - 6_000);
  expect(goneInMs([5_000, 3_000], 3_000 + waitGoneMs)).toBe(2_000);
  expect(goneInMs([5_000], 5_000 + waitGoneMs - 1)).toBe(1);
  expect(goneInMs([5_000], 5_000 + waitGoneMs)).toBe(never);
});
