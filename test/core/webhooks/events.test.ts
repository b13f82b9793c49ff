/** The events between two looks at sessions and peers. */

import { describe, expect, test } from "bun:test";
import { webhookChecks } from "../../../src/core/webhooks/doctor.ts";
import {
  endedSince,
  newsBetween,
  roundKey,
  type Seen,
  seenAfter,
} from "../../../src/core/webhooks/events.ts";

const seen = (sessions: Readonly<Record<string, string | null>>, mini: boolean | null): Seen => ({
  sessions: Object.entries(sessions).map(([handle, state]) => ({ handle, state })),
  peers: mini === null ? [] : [{ peer: "mini", isUp: mini }],
});

const words = (before: Seen, now: Seen): readonly string[] =>
  newsBetween(before, now).map(({ type, data }) => `${type} ${Object.values(data).join()}`);

describe("newsBetween()", () => {
  test("tells of a session that begins to wait, once", () => {
    const before = seen({ "laptop/web": "working" }, null);
    const waits = seen({ "laptop/web": "waiting" }, null);
    expect(words(before, waits)).toEqual(["session.waiting laptop/web"]);
    expect(words(waits, waits)).toEqual([]);
    expect(words(waits, before)).toEqual([]);
  });

  test("tells of a session that is gone, but not because its machine is down", () => {
    const before = seen({ "laptop/web": null, "mini/api": null }, true);
    expect(words(before, seen({ "mini/api": null }, true))).toEqual(["session.gone laptop/web"]);
    const down = seen({ "laptop/web": null }, false);
    expect(words(before, down)).toEqual(["peer.down mini"]);
    const kept = seenAfter(before, down);
    expect(words(kept, seen({ "laptop/web": null, "mini/api": null }, true))).toEqual([
      "peer.up mini",
    ]);
    expect(words(kept, seen({ "laptop/web": null }, true))).toEqual([
      "peer.up mini",
      "session.gone mini/api",
    ]);
  });

  test("says nothing of a peer that was not known before", () => {
    expect(words(seen({}, null), seen({}, true))).toEqual([]);
  });
});

test("endedSince() finds a round that ended since, once", () => {
  const of = { direction: "out", task_id: "a", round: 1 } as const;
  const rounds = [
    { ...of, ended_ms: 9 },
    { ...of, round: 2, ended_ms: 10 },
    { ...of, round: 3, ended_ms: null },
  ];
  const found = endedSince(rounds, { fromMs: 10, told: new Set() });
  expect(found.map(({ round }) => round)).toEqual([2]);
  const told = new Set(found.map(roundKey));
  expect(endedSince(rounds, { fromMs: 10, told })).toEqual([]);
});

test("webhookChecks() names each that was tried, and how to mend one that fails", () => {
  const of = { url: "unix:/run/me/bot.sock", status: null, waiting: 0, lost: 0, tried: true };
  expect(webhookChecks([{ ...of, why: null, tried: false }])).toEqual([]);
  expect(webhookChecks([{ ...of, why: null }])).toMatchObject([{ name: "webhook", state: "ok" }]);
  const [refused] = webhookChecks([{ ...of, why: "refused", status: 500, waiting: 2, lost: 3 }]);
  expect(refused?.detail).toBe(
    "unix:/run/me/bot.sock: the program answered 500; 2 events wait; 3 were given up",
  );
  for (const why of ["unsafe", "not_ours", "unproven", "secret", "no_keeper", "lost"]) {
    const [check] = webhookChecks([{ ...of, why }]);
    expect([why, check?.state, check?.fix === null]).toEqual([why, "warning", false]);
  }
});
