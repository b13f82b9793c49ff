/** When a wait is reached, when it has ended, and when it goes on. */

import { describe, expect, test } from "bun:test";
import type { WireAnswer } from "../../src/contract/ask.ts";
import type { State } from "../../src/contract/lease.ts";
import { leaseLifeMs } from "../../src/contract/limits.ts";
import { Until } from "../../src/contract/reach/waits.ts";
import { factsOf } from "../../src/core/ask.ts";
import { hear, type Lease } from "../../src/core/sessions/lease.ts";
import {
  beginning,
  findWaited,
  informed,
  isHidden,
  judge,
  type Seen,
  type Waited,
} from "../../src/core/waits.ts";
import { histories, historiesMs } from "../support/histories.ts";
import { at, git, lease, nowMs, run } from "./samples.ts";

const own = lease();
const wait = (more: Partial<Waited> = {}): Waited => ({
  name: own.name,
  until: "idle",
  lease_id: own.lease_id,
  state: "working",
  sha: git.sha,
  ...more,
});
const seen = (leases: readonly Lease[], more: Partial<Seen> = {}): Seen => ({
  leases,
  mayReturn: () => false,
  now: at(nowMs),
  ...more,
});
const outcome = (waited: Waited, of: Seen) => {
  const found = findWaited(waited, of);
  return judge(waited, found, found.is === "live" ? factsOf(found.lease, of.now) : null);
};
const inState = (state: State): Lease => hear(own, state, nowMs);
const committed = (): Lease => lease({ git: { ...git, sha: "a".repeat(40) } });
const reached = { outcome: "reached", reason: null } as const;

describe("judge() of a session that is live", () => {
  test("judge() reaches idle and waiting in that very state, and in no other", () => {
    expect(outcome(wait(), seen([own]))).toBeNull();
    expect(outcome(wait(), seen([inState("idle")]))).toEqual(reached);
    expect(outcome(wait(), seen([inState("waiting")]))).toBeNull();
    expect(outcome(wait({ until: "waiting" }), seen([inState("waiting")]))).toEqual(reached);
  });

  test("judge() reaches commit by another commit alone", () => {
    const waited = wait({ until: "commit" });
    expect(outcome(waited, seen([inState("idle")]))).toBeNull();
    expect(outcome(waited, seen([committed()]))).toEqual(reached);
  });

  test("judge() reaches changed by another state or another commit", () => {
    const waited = wait({ until: "changed" });
    expect(outcome(waited, seen([own]))).toBeNull();
    expect(outcome(waited, seen([inState("idle")]))).toEqual(reached);
    expect(outcome(waited, seen([committed()]))).toEqual(reached);
  });

  test("judge() reaches nothing by facts that are null, before or after", () => {
    const unknown = lease({ state: null, git: null });
    for (const until of ["changed", "commit"] as const) {
      expect(outcome(wait({ until }), seen([unknown]))).toBeNull();
      expect(outcome(wait({ until, state: null, sha: null }), seen([committed()]))).toBeNull();
    }
  });

  test("judge() never reaches gone", () => {
    expect(outcome(wait({ until: "gone" }), seen([inState("idle")]))).toBeNull();
  });
});

describe("judge() of a session that is not live", () => {
  const started = (bootMs: number): Seen["now"] => ({
    bootMs: run.started_boot_ms + bootMs,
    run,
  });

  test("judge() ends a wait where the handle ended, and reaches one that waits for that", () => {
    expect(outcome(wait(), seen([]))).toEqual({ outcome: "ended", reason: "gone" });
    const gone = { outcome: "reached", reason: "gone" } as const;
    expect(outcome(wait({ until: "gone" }), seen([]))).toEqual(gone);
  });

  test("judge() ends a wait where another session took the handle, also after a start", () => {
    const other = lease({ lease_id: "0190a0a0-0000-7000-8000-000000000008", run: run.id });
    const ended = { outcome: "ended", reason: "gone" } as const;
    expect(outcome(wait(), seen([other]))).toEqual(ended);
    expect(outcome(wait(), seen([other], { now: started(1) }))).toEqual(ended);
  });

  test("judge() lets a wait go on until the lease's first renewal after a start", () => {
    const held = lease({ run: "run-1", renewed_boot_ms: 1, state: "idle" });
    expect(outcome(wait(), seen([held], { now: started(leaseLifeMs - 1) }))).toBeNull();
    expect(outcome(wait(), seen([held], { now: started(leaseLifeMs) }))).toBeNull();
    const renewed = { ...held, run: run.id, renewed_boot_ms: run.started_boot_ms };
    expect(outcome(wait(), seen([renewed], { now: started(1) }))).toEqual(reached);
  });

  test("judge() calls no handle gone before one lease life after a start", () => {
    expect(outcome(wait(), seen([], { now: started(leaseLifeMs - 1) }))).toBeNull();
    expect(outcome(wait(), seen([], { now: started(leaseLifeMs) }))?.reason).toBe("gone");
  });

  test("judge() lets a wait go on while a lease that expired may be taken again", () => {
    expect(outcome(wait(), seen([], { mayReturn: (id) => id === own.lease_id }))).toBeNull();
  });
});

test("isHidden() refuses what needs the state, and only where that is hidden", () => {
  const hidden = Until.options.filter((until) => isHidden(until, new Set(["summary"])));
  expect(hidden).toEqual(["idle", "waiting"]);
  expect(Until.options.filter((until) => isHidden(until, new Set(["state"])))).toEqual([]);
  expect(Until.options.filter((until) => isHidden(until, null))).toEqual([]);
});

describe("beginning()", () => {
  const facts = factsOf(own, at(nowMs));

  test("beginning() is what the asker last saw, where it saw anything", () => {
    const since = { lease_id: own.lease_id, state: "idle", sha: "b".repeat(40) } as const;
    expect(beginning(own, since, facts)).toEqual(since);
  });

  test("beginning() is what there is, where the asker saw nothing", () => {
    const now = { lease_id: own.lease_id, state: "working", sha: git.sha } as const;
    expect(beginning(own, { lease_id: null }, facts)).toEqual(now);
  });

  test("informed() fills what was unknown, and changes nothing else", () => {
    expect(informed(wait({ state: null, sha: null }), facts)).toEqual(wait());
    const known = wait({ state: "idle", sha: "b".repeat(40) });
    expect(informed(known, facts)).toBe(known);
  });
});

test(
  "judge() reaches changed exactly when a fact that is known on both sides differs",
  () =>
    histories(300, (draw) => {
      const states: readonly (State | null)[] = [null, "idle", "working", "waiting"];
      const shas = [null, "a".repeat(40), "b".repeat(40)];
      const before = { state: draw.pick(states), sha: draw.pick(shas) };
      const after = { state: draw.pick(states), sha: draw.pick(shas) };
      const facts: WireAnswer = {
        ...factsOf(own, at(nowMs)),
        git: after.sha === null ? null : { ...git, sha: after.sha, age_ms: 0 },
      };
      const told = { ...facts, session: { ...facts.session, state: after.state } };
      const differs = (one: string | null, other: string | null): boolean =>
        one !== null && other !== null && one !== other;
      const found = { is: "live", lease: own } as const;
      const isChanged = differs(before.state, after.state) || differs(before.sha, after.sha);
      expect(judge(wait({ until: "changed", ...before }), found, told) !== null).toBe(isChanged);
      const isCommitted = differs(before.sha, after.sha);
      expect(judge(wait({ until: "commit", ...before }), found, told) !== null).toBe(isCommitted);
    }),
  historiesMs,
);
