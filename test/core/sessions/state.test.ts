import { describe, expect, test } from "bun:test";
import { stateFreshMs } from "../../../src/contract/limits.ts";
import { factsOf, stateOf } from "../../../src/core/ask.ts";
import { hear, observe, shownState } from "../../../src/core/sessions/lease.ts";
import { at, lease, nowMs } from "../samples.ts";

const heard = (state: "working" | "waiting" | "idle") =>
  lease({ state, state_boot_ms: nowMs, state_since_boot_ms: nowMs - 5_000 });

describe("shownState()", () => {
  test("shownState() of one that works or waits is known for ten minutes, and no longer", () => {
    for (const state of ["working", "waiting"] as const) {
      expect(shownState(heard(state), at(nowMs + stateFreshMs - 1))).toBe(state);
      expect(shownState(heard(state), at(nowMs + stateFreshMs))).toBeNull();
    }
  });

  test("shownState() keeps an idle state, and is null before the first report", () => {
    expect(shownState(heard("idle"), at(nowMs + 1e9))).toBe("idle");
    expect(shownState(lease({ state: null }), at(nowMs))).toBeNull();
  });

  test("factsOf() and stateOf() tell neither a state that is not known, nor for how long", () => {
    const last = at(nowMs + stateFreshMs - 1);
    const working = { state: "working", state_for_ms: stateFreshMs + 4_999 } as const;
    expect(stateOf(heard("working"), last)).toEqual(working);
    expect(factsOf(heard("working"), last).session).toMatchObject({
      ...working,
      age_ms: stateFreshMs - 1,
    });
    const unknown = { state: null, state_for_ms: null };
    expect(stateOf(heard("working"), at(nowMs + stateFreshMs))).toEqual(unknown);
    expect(factsOf(heard("working"), at(nowMs + stateFreshMs)).session).toMatchObject(unknown);
  });
});

describe("hear()", () => {
  test("hear() counts from the change, not from a repeat", () => {
    const again = hear(heard("working"), "working", nowMs + 7);
    expect(again).toEqual({ ...heard("working"), state_boot_ms: nowMs + 7 });
    expect(stateOf(again, at(nowMs + 7)).state_for_ms).toBe(5_007);
    const changed = hear(heard("working"), "idle", nowMs + 7);
    expect(stateOf(changed, at(nowMs + 10))).toEqual({ state: "idle", state_for_ms: 3 });
  });

  test("hear() makes a state known again when a report only says that it continues", () => {
    const later = nowMs + 2 * stateFreshMs;
    expect(shownState(heard("waiting"), at(later))).toBeNull();
    expect(shownState(hear(heard("waiting"), null, later), at(later))).toBe("waiting");
  });
});

describe("observe()", () => {
  const now = at(nowMs + 1_000);

  test("observe() takes what was seen after the last event, as of when it was seen", () => {
    const seen = observe(heard("working"), { state: "idle", age_ms: 999 }, now);
    const since = { state_since_boot_ms: nowMs + 1, state_boot_ms: nowMs + 1 };
    expect(seen).toEqual({ ...heard("working"), state: "idle", ...since });
  });

  test("observe() takes nothing that was seen before it, and nothing where nothing was", () => {
    const before = heard("working");
    expect(observe(before, { state: "idle", age_ms: 1_000 }, now)).toBe(before);
    expect(observe(before, undefined, now)).toBe(before);
  });
});
