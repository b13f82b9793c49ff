import { describe, expect, test } from "bun:test";
import { leaseLifeMs } from "../../../src/contract/limits.ts";
import {
  expiresInMs,
  leaseState,
  liveLeases,
  renew,
  summarise,
} from "../../../src/core/sessions/lease.ts";
import { at, git, lease, nowMs, run } from "../samples.ts";

describe("leaseState()", () => {
  test("leaseState() is live up to the last millisecond of its life, then expired", () => {
    const renewed = lease({ renewed_boot_ms: nowMs });
    expect(leaseState(renewed, at(nowMs))).toBe("live");
    expect(leaseState(renewed, at(nowMs + leaseLifeMs - 1))).toBe("live");
    expect(leaseState(renewed, at(nowMs + leaseLifeMs - 0.001))).toBe("live");
    expect(leaseState(renewed, at(nowMs + leaseLifeMs))).toBe("expired");
    expect(leaseState(renewed, at(nowMs + leaseLifeMs + 1))).toBe("expired");
  });

  test("leaseState() survives one lost beat of 30 s and not two", () => {
    const renewed = lease({ renewed_boot_ms: nowMs });
    expect(leaseState(renewed, at(nowMs + 60_000))).toBe("live");
    expect(leaseState(renewed, at(nowMs + 90_000))).toBe("expired");
  });

  test("leaseState() is held, not live, when the lease was not renewed in this run", () => {
    const before = lease({ run: "run-1", renewed_boot_ms: run.started_boot_ms - 1 });
    expect(leaseState(before, at(run.started_boot_ms))).toBe("held");
    expect(leaseState(before, at(run.started_boot_ms + leaseLifeMs - 1))).toBe("held");
    expect(leaseState(before, at(run.started_boot_ms + leaseLifeMs))).toBe("expired");
  });

  test("leaseState() counts a former run's lease from this run's start, however old it is", () => {
    for (const renewed_boot_ms of [0, run.started_boot_ms - 10 * leaseLifeMs]) {
      const before = lease({ run: "run-1", renewed_boot_ms });
      expect(leaseState(before, at(run.started_boot_ms + leaseLifeMs - 1))).toBe("held");
      expect(leaseState(before, at(run.started_boot_ms + leaseLifeMs))).toBe("expired");
    }
  });
});

describe("expiresInMs()", () => {
  test("expiresInMs() is what is left, and zero or less once it is over", () => {
    const renewed = lease({ renewed_boot_ms: nowMs });
    expect(expiresInMs(renewed, at(nowMs))).toBe(leaseLifeMs);
    expect(expiresInMs(renewed, at(nowMs + 4_000))).toBe(leaseLifeMs - 4_000);
    expect(expiresInMs(renewed, at(nowMs + leaseLifeMs))).toBe(0);
    expect(expiresInMs(renewed, at(nowMs + leaseLifeMs + 1))).toBe(-1);
  });

  test("expiresInMs() counts from the start of the run when the lease is of another", () => {
    const before = lease({ run: "run-1", renewed_boot_ms: 5 });
    expect(expiresInMs(before, at(run.started_boot_ms + 1))).toBe(leaseLifeMs - 1);
  });
});

test("liveLeases() are those that are served, by name", () => {
  const leases = [
    lease({ name: "b" }),
    lease({ name: "held", run: "run-1" }),
    lease({ name: "a-2" }),
    lease({ name: "expired", renewed_boot_ms: nowMs - leaseLifeMs }),
    lease({ name: "last", renewed_boot_ms: nowMs - leaseLifeMs + 1 }),
    lease({ name: "a" }),
  ];
  const inFirstMinute = { ...run, started_boot_ms: nowMs - 1 };
  const live = liveLeases(leases, at(nowMs, inFirstMinute));
  expect(live.map(({ name }) => name)).toEqual(["a", "a-2", "b", "last"]);
});

test("liveLeases() leaves the list it was given as it is", () => {
  const leases = [lease({ name: "b" }), lease({ name: "a" })];
  liveLeases(leases, at(nowMs));
  expect(leases.map(({ name }) => name)).toEqual(["b", "a"]);
});

describe("renew()", () => {
  const before = lease({ run: "run-1" });

  test("renew() dates the lease, takes it into this run and changes nothing else", () => {
    const later = at(nowMs + 30_000);
    const changed = { run: run.id, renewed_boot_ms: nowMs + 30_000 };
    expect(renew(before, later, undefined)).toEqual({ ...before, ...changed });
  });

  test("renew() keeps the reading of git and its date when there was no new one", () => {
    const renewed = renew(before, at(nowMs + 30_000), undefined);
    expect([renewed.git, renewed.git_boot_ms]).toEqual([git, before.git_boot_ms]);
  });

  test("renew() takes a new reading with its date, also that there is no repository", () => {
    for (const reading of [{ ...git, dirty: 9 }, null]) {
      const renewed = renew(before, at(nowMs + 30_000), { git: reading });
      expect([renewed.git, renewed.git_boot_ms]).toEqual([reading, nowMs + 30_000]);
    }
  });

  test("renew() keeps the reason for which a reading has no facts, and only with it", () => {
    const foreign = renew(before, at(nowMs + 1), { git: null, git_why: "foreign" });
    expect([foreign.git, foreign.git_why, foreign.git_boot_ms]).toEqual([
      null,
      "foreign",
      nowMs + 1,
    ]);
    const read = renew(foreign, at(nowMs + 2), { git, git_why: "foreign" });
    expect([read.git, read.git_why, read.git_boot_ms]).toEqual([git, null, nowMs + 2]);
  });

  test("renew() lets facts stay when a reading came too late", () => {
    const late = { git: null, git_why: "late" };
    const kept = renew(before, at(nowMs + 1), late);
    expect([kept.git, kept.git_why, kept.git_boot_ms]).toEqual([git, null, before.git_boot_ms]);
    const none = renew({ ...before, git: null, git_why: "unread" }, at(nowMs + 1), late);
    expect([none.git, none.git_why, none.git_boot_ms]).toEqual([null, "late", nowMs + 1]);
  });
});

test("summarise() changes the summary and its date, and renews nothing", () => {
  const before = lease();
  const later = summarise(before, at(nowMs + 5), "done");
  expect(later).toEqual({ ...before, summary: "done", summary_boot_ms: nowMs + 5 });
  expect(expiresInMs(later, at(nowMs + 5))).toBe(expiresInMs(before, at(nowMs + 5)));
});
