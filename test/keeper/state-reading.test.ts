import { describe, expect, test } from "bun:test";
import type { State } from "../../src/contract/lease.ts";
import { stateRepeatMs } from "../../src/contract/limits.ts";
import { observedOf } from "../../src/keeper/state-reading.ts";

const nowMs = 1_800_000_000_000;

/** The state passed on from a file of that age, to a daemon whose last report has that age. */
function handedOn(
  file: { readonly state: State; readonly ageMs: number; readonly session?: string },
  lease: { readonly state: State | null; readonly state_age_ms: number | null },
  sinceToldMs = 0,
) {
  const told = {
    session_id: file.session ?? "a",
    state: file.state,
    since_ms: nowMs - file.ageMs,
  };
  return observedOf(
    { ...lease, session_id: "a" },
    { told, readAtMs: nowMs - 3, nowMs, sinceToldMs },
  );
}

describe("observedOf()", () => {
  const working = (state_age_ms: number) => ({ state: "working", state_age_ms }) as const;

  test("observedOf() passes on only a state newer than the last report", () => {
    const idle = { state: "idle", ageMs: 999 } as const;
    expect(handedOn(idle, working(1_000))).toEqual({ state: "idle", age_ms: 999 });
    expect(handedOn(idle, working(999))).toBeNull();
    expect(handedOn({ state: "idle", ageMs: 0 }, working(1))).toEqual({ state: "idle", age_ms: 0 });
  });

  test("observedOf() compares both ages at one instant: a report grows older", () => {
    const idle = { state: "idle", ageMs: 1_004 } as const;
    expect(handedOn(idle, working(1_000), 4)).toBeNull();
    expect(handedOn(idle, working(1_000), 5)).toEqual({ state: "idle", age_ms: 1_004 });
  });

  test("observedOf() passes on the state of a session without a report", () => {
    const heard = { state: null, state_age_ms: null };
    expect(handedOn({ state: "waiting", ageMs: 1e9 }, heard)).toEqual({
      state: "waiting",
      age_ms: 1e9,
    });
  });

  test("observedOf() hands on nothing of another session, or of a file that is not there", () => {
    expect(handedOn({ state: "idle", ageMs: 1, session: "b" }, working(9_000))).toBeNull();
    const lease = { session_id: null, state: null, state_age_ms: null };
    expect(observedOf(lease, { told: null, readAtMs: nowMs, nowMs, sinceToldMs: 0 })).toBeNull();
    const told = { session_id: "a", state: "idle", since_ms: nowMs } as const;
    expect(observedOf(lease, { told, readAtMs: nowMs, nowMs, sinceToldMs: 0 })).toBeNull();
  });

  test("observedOf() believes no file from the future: the clock was set back", () => {
    expect(handedOn({ state: "idle", ageMs: -1 }, working(9_000))).toBeNull();
  });

  test("observedOf() says once a minute that one still works or waits, as of the reading", () => {
    for (const state of ["working", "waiting"] as const) {
      const file = { state, ageMs: 1e6 };
      expect(handedOn(file, { state, state_age_ms: stateRepeatMs - 1 })).toBeNull();
      expect(handedOn(file, { state, state_age_ms: stateRepeatMs })).toEqual({ state, age_ms: 3 });
    }
    const idle = { state: "idle", ageMs: 1e6 } as const;
    expect(handedOn(idle, { state: "idle", state_age_ms: 1e6 })).toBeNull();
  });
});
