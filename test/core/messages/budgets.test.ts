/** Budgets: wakes, messages and hops of a handle without a person, by the receiver's own rows. */

import { describe, expect, test } from "bun:test";
import {
  budgetHourMs,
  hopsMax,
  messagesAlone,
  threadAlone,
  wakeGapMs,
  wakesAlone,
  wakesPerHour,
} from "../../../src/contract/messages/limits.ts";
import {
  areHopsSpent,
  hopsOf,
  isOverBudget,
  ownHops,
  wakesInMs,
} from "../../../src/core/messages/budgets.ts";
import { histories, historiesMs } from "../../support/histories.ts";

describe("isOverBudget()", () => {
  test("isOverBudget() is true from the 49th message, and from the 25th of a thread's hour", () => {
    expect(isOverBudget({ sincePerson: messagesAlone - 1, thread: threadAlone - 1 })).toBe(false);
    expect(isOverBudget({ sincePerson: messagesAlone, thread: 0 })).toBe(true);
    expect(isOverBudget({ sincePerson: 0, thread: threadAlone })).toBe(true);
  });
});

describe("wakesInMs()", () => {
  test("wakesInMs() allows the first wake at once, and the next after 20 s", () => {
    expect(wakesInMs([], 5)).toBe(0);
    expect(wakesInMs([100], 100 + wakeGapMs - 1)).toBe(1);
    expect(wakesInMs([100], 100 + wakeGapMs)).toBe(0);
  });

  test("wakesInMs() allows six in an hour, and twelve until a person acts", () => {
    const six = Array.from({ length: wakesPerHour }, (_, nth) => nth * wakeGapMs);
    const nowMs = wakesPerHour * wakeGapMs;
    expect(wakesInMs(six, nowMs)).toBe(budgetHourMs - nowMs);
    expect(wakesInMs(six, budgetHourMs)).toBe(0);
    const twelve = Array.from({ length: wakesAlone }, (_, nth) => nth * budgetHourMs);
    expect(wakesInMs(twelve, 1_000 * budgetHourMs)).toBeNull();
  });

  test(
    "whatever is asked for, a handle is woken within its budgets",
    async () => {
      await histories(100, (draw) => {
        const wakes: number[] = [];
        let nowMs = 0;
        for (let step = 0; step < 200; step += 1) {
          nowMs += draw.below(draw.oneIn(4) ? budgetHourMs : wakeGapMs);
          if (wakesInMs(wakes, nowMs) === 0) wakes.push(nowMs);
        }
        expect(wakes.length).toBeLessThanOrEqual(wakesAlone);
        for (const [nth, at] of wakes.entries()) {
          const before = wakes[nth - 1];
          if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(wakeGapMs);
          const sixBefore = wakes[nth - wakesPerHour];
          if (sixBefore !== undefined) expect(at - sixBefore).toBeGreaterThanOrEqual(budgetHourMs);
        }
      });
    },
    historiesMs,
  );
});

describe("hopsOf()", () => {
  const none = { repliedTo: null, otherWay: null, personMs: null };
  const former = (hops: number, stored_ms = 10) => ({ hops, stored_ms });

  test("hopsOf() counts one more than the message that is answered", () => {
    expect(hopsOf(none, 20)).toBe(0);
    expect(hopsOf({ ...none, repliedTo: former(3) }, 20)).toBe(4);
  });

  test("hopsOf() counts a new thread as an answer to the latest of the last hour", () => {
    expect(hopsOf({ ...none, otherWay: former(3) }, 10 + budgetHourMs - 1)).toBe(4);
    expect(hopsOf({ ...none, otherWay: former(3) }, 10 + budgetHourMs)).toBe(0);
    expect(hopsOf({ ...none, repliedTo: former(1), otherWay: former(3) }, 20)).toBe(4);
  });

  test("hopsOf() begins again when a person acted since", () => {
    expect(hopsOf({ ...none, repliedTo: former(3), personMs: 10 }, 20)).toBe(0);
    expect(hopsOf({ ...none, repliedTo: former(3), personMs: 9 }, 20)).toBe(4);
  });

  test("ownHops() is zero for a person of this machine alone", () => {
    const before = { ...none, repliedTo: former(3) };
    expect(ownHops("person", before, 20)).toBe(0);
    expect(ownHops("session", before, 20)).toBe(4);
  });

  test("areHopsSpent() allows six", () => {
    expect([hopsMax, hopsMax + 1].map(areHopsSpent)).toEqual([false, true]);
  });
});
