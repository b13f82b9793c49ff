/** The events that wait for a webhook, and the pauses between its attempts. */

import { describe, expect, test } from "bun:test";
import {
  webhookLifeMs,
  webhookPauseMsMax,
  webhookQueueMax,
} from "../../../src/contract/webhooks/limits.ts";
import {
  afterAttempt,
  noEvents,
  pauseMs,
  type Queue,
  withEvent,
  withoutOld,
} from "../../../src/core/webhooks/queue.ts";

const filled = (count: number): Queue =>
  Array.from({ length: count }).reduce<Queue>(
    (queue, _, at) => withEvent(queue, { id: `${at}`, body: "{}", sinceMs: at }),
    noEvents,
  );

describe("withEvent()", () => {
  test("keeps as many as fit, and counts the oldest that leave", () => {
    const full = filled(webhookQueueMax);
    expect([full.waiting.length, full.lost]).toEqual([webhookQueueMax, 0]);
    const over = withEvent(full, { id: "last", body: "{}", sinceMs: 0 });
    expect([over.waiting.length, over.lost, over.waiting[0]?.id]).toEqual([
      webhookQueueMax,
      1,
      "1",
    ]);
    expect(over.waiting.at(-1)?.id).toBe("last");
  });
});

test("withoutOld() gives an event up after its life, and not a millisecond before", () => {
  const queue = filled(2);
  expect(withoutOld(queue, webhookLifeMs - 1).waiting).toHaveLength(2);
  const after = withoutOld(queue, webhookLifeMs);
  expect([after.waiting.map(({ id }) => id), after.lost]).toEqual([["1"], 1]);
});

test("pauseMs() doubles with each failure, up to its bound, and ends with a success", () => {
  let queue = filled(2);
  const pauses = Array.from({ length: 12 }, () => {
    queue = afterAttempt(queue, "0", false);
    return pauseMs(queue);
  });
  expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(Math.max(...pauses)).toBe(webhookPauseMsMax);
  queue = afterAttempt(queue, "0", true);
  expect([pauseMs(queue), queue.waiting.map(({ id }) => id)]).toEqual([0, ["1"]]);
});
