/** The handles in consecutive hellos, and those that are saved. */

import { describe, expect, test } from "bun:test";
import { leaseLifeMs, seenMs, tellingMs } from "../../../src/contract/limits.ts";
import { handlesFor } from "../../../src/daemon/links/handles.ts";
import { newPeer } from "../../../src/daemon/peers/grants.ts";
import { isWorthStoring } from "../../../src/daemon/peers/hello-row.ts";
import type { PeerRow } from "../../../src/store/peers.ts";
import { at, lease, nowMs } from "../../core/samples.ts";
import { holding } from "../../support/grants.ts";

/** An instant at which handles are told. */
const when = (...instant: Parameters<typeof at>) => ({
  now: at(...instant),
  at: { wallMs: 0, bootMs: 0 },
});

describe("handlesFor()", () => {
  const asker = { grants: holding("ask"), takesNull: true };

  test("repeats the handles of unchanged leases for a second, and then reads them again", () => {
    const leases = [lease({ renewed_boot_ms: nowMs, state_since_boot_ms: nowMs })];
    const told = handlesFor(asker, leases, when(nowMs));
    expect(told?.map(({ state_for_ms }) => state_for_ms)).toEqual([0]);
    expect(handlesFor(asker, leases, when(nowMs))).toBe(told);
    const again = handlesFor(asker, leases, when(nowMs + tellingMs - 1));
    expect(again?.map(({ state_for_ms }) => state_for_ms)).toEqual([0]);
    const fresh = handlesFor(asker, leases, when(nowMs + tellingMs));
    expect(fresh?.map(({ state_for_ms }) => state_for_ms)).toEqual([tellingMs]);
  });

  test("tells what is left of a lease as of each hello, in whole milliseconds", () => {
    const leases = [lease({ renewed_boot_ms: nowMs })];
    for (const passedMs of [0, 1, 1.5, 700.25, tellingMs - 1, tellingMs, tellingMs + 0.5]) {
      const told = handlesFor(asker, leases, when(nowMs + passedMs));
      const left = told?.map(({ expires_in_ms }) => expires_in_ms);
      expect(left).toEqual([Math.floor(leaseLifeMs - passedMs)]);
    }
  });

  test("reads the handles again after a clock went back, and in another run", () => {
    const leases = [lease({ renewed_boot_ms: nowMs })];
    expect(handlesFor(asker, leases, when(nowMs))).toHaveLength(1);
    const other = { id: "another", started_boot_ms: nowMs };
    expect(handlesFor(asker, leases, when(nowMs, other))).toEqual([]);
    const told = handlesFor(asker, leases, when(nowMs));
    expect(handlesFor(asker, leases, when(nowMs - 1))).not.toBe(told);
  });

  test("sends no handle past its end, however recent the last list", () => {
    const leases = [lease({ renewed_boot_ms: nowMs - leaseLifeMs + 2 })];
    expect(handlesFor(asker, leases, when(nowMs))).toHaveLength(1);
    expect(handlesFor(asker, leases, when(nowMs + 1))).toHaveLength(1);
    expect(handlesFor(asker, leases, when(nowMs + 2))).toEqual([]);
  });

  test("tells names alone to one that may only leave messages, as far as its grant goes", () => {
    const leases = [lease({ name: "api", renewed_boot_ms: nowMs }), lease({ name: "web" })];
    const live = leases.map((each) => ({ ...each, renewed_boot_ms: nowMs }));
    const writer = { grants: holding("message"), takesNull: true };
    const bare = {
      project: null,
      state: null,
      state_for_ms: null,
      expires_in_ms: leaseLifeMs,
      only_name: true,
    };
    expect(handlesFor(writer, live, when(nowMs))).toEqual([
      { name: "api", ...bare },
      { name: "web", ...bare },
    ]);
    const [entry] = writer.grants.entries;
    const entries = entry === undefined ? [] : [{ ...entry, names: ["web"] }];
    const limited = { ...writer, grants: { ...writer.grants, entries } };
    expect(handlesFor(limited, live, when(nowMs))?.map(({ name }) => name)).toEqual(["web"]);
    // One that asks for some gets the names of the others besides.
    const [ask] = holding("ask").entries;
    const both = {
      ...writer.grants,
      entries: ask === undefined ? [] : [{ ...ask, names: ["api"] }, ...writer.grants.entries],
    };
    const told = handlesFor({ ...writer, grants: both }, live, when(nowMs)) ?? [];
    expect(told.map(({ name, project }) => [name, project === null])).toEqual([
      ["api", false],
      ["web", true],
    ]);
    expect(handlesFor({ ...writer, takesNull: false }, live, when(nowMs))).toBeNull();
  });

  test("tells nothing to one that may not ask, also right after one that may", () => {
    const leases = [lease({ renewed_boot_ms: nowMs })];
    expect(handlesFor(asker, leases, when(nowMs))).toHaveLength(1);
    expect(handlesFor({ ...asker, grants: holding() }, leases, when(nowMs))).toBeNull();
  });
});

describe("isWorthStoring()", () => {
  const checkpoint = { trail_id: "t", seq: 1, hash: "a", at_ms: 1, signature: "s" };
  const named = { fingerprint: "sha256:a", name: "mini", certificate: "c" };
  const stands = { acknowledged: true, exchanged: true, refused: false };
  const times = { paired_at_ms: 1, last_seen_at_ms: nowMs };
  const row: PeerRow = { ...newPeer, ...named, ...stands, ...times };

  test("is true of each thing that a hello may change", () => {
    const changes: readonly Partial<PeerRow>[] = [
      { acknowledged: !row.acknowledged },
      { refused: !row.refused },
      { their_scopes: [...row.their_scopes, "ask"] },
      { checkpoint },
      { witness: checkpoint },
    ];
    for (const change of changes) expect(isWorthStoring(row, { ...row, ...change })).toBe(true);
    expect(isWorthStoring(row, { ...row })).toBe(false);
  });

  test("is true of when it was seen once that is a minute off, in either direction", () => {
    const seenAt = (last_seen_at_ms: number): boolean =>
      isWorthStoring(row, { ...row, last_seen_at_ms });
    expect([seenAt(nowMs + seenMs - 1), seenAt(nowMs + seenMs)]).toEqual([false, true]);
    expect([seenAt(nowMs - seenMs + 1), seenAt(nowMs - seenMs)]).toEqual([false, true]);
    expect(isWorthStoring({ ...row, last_seen_at_ms: null }, row)).toBe(true);
  });
});
