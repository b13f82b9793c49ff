import { expect, test } from "bun:test";
import { Notification } from "../../../src/contract/errands/errands.ts";
import { waitingRememberedMax, waitingSlackMs } from "../../../src/contract/errands/limits.ts";
import {
  begunToWait,
  type Known,
  knownAfter,
  notificationOf,
  type Waiting,
} from "../../../src/core/sessions/waiting.ts";

const waits = (key: string, sinceBootMs: number, peer: string | null = null): Waiting => ({
  key,
  peer,
  sinceBootMs,
});
const nobody: Known = new Map();
const keys = (begun: readonly Waiting[]): readonly string[] => begun.map(({ key }) => key);

test("begunToWait() leaves out those that waited before the daemon ran", () => {
  const waiting = [waits("early", 999), waits("late", 1_000)];
  expect(keys(begunToWait(waiting, nobody, 1_000))).toEqual(["late"]);
});

test("begunToWait() returns each wait once, however inexact its instant", () => {
  const known = knownAfter([waits("a", 5_000)], nobody);
  for (const [at, isNew] of [
    [5_000, false],
    [5_000 - waitingSlackMs, false],
    [5_000 + waitingSlackMs, false],
    [5_001 + waitingSlackMs, true],
  ] as const) {
    expect([at, begunToWait([waits("a", at)], known, 0).length > 0]).toEqual([at, isNew]);
  }
});

test("knownAfter() keeps a wait without reports for a while, as when a link is down", () => {
  const known = knownAfter([], knownAfter([waits("a", 5_000)], nobody));
  expect(begunToWait([waits("a", 5_001)], known, 0)).toEqual([]);
});

test("knownAfter() lets no instant creep: each is compared with the first", () => {
  let known = nobody;
  const begun: number[] = [];
  for (let at = 0; at <= 10 * waitingSlackMs; at += waitingSlackMs / 2) {
    begun.push(...begunToWait([waits("a", at)], known, 0).map(({ sinceBootMs }) => sinceBootMs));
    known = knownAfter([waits("a", at)], known);
  }
  expect(begun).toEqual([0, 3_000, 6_000, 9_000, 12_000, 15_000, 18_000]);
});

test("knownAfter() remembers so many, and forgets the oldest", () => {
  const all = Array.from({ length: waitingRememberedMax + 1 }, (_, at) => waits(`${at}`, at));
  const known = knownAfter(all, nobody);
  expect(known.size).toBe(waitingRememberedMax);
  expect([known.has("0"), known.has("1")]).toEqual([false, true]);
});

test("notificationOf() counts, and names nobody", () => {
  const of = (...peers: readonly (string | null)[]) =>
    notificationOf(peers.map((peer) => ({ peer })));
  expect(of(null)).toEqual({ summary: "peernet: 1 session waits", body: "1 here" });
  expect(of(null, null, "a")).toEqual({
    summary: "peernet: 3 sessions wait",
    body: "2 here, 1 on another machine",
  });
  expect(of("a", "b", "b")).toEqual({
    summary: "peernet: 3 sessions wait",
    body: "3 on 2 other machines",
  });
  expect(
    Notification.safeParse(of(...Array.from({ length: 9_999 }, (_, at) => `${at}`))).success,
  ).toBe(true);
});

test("Notification refuses markup, quotes, options, other scripts and long lines", () => {
  const fits = (line: string): boolean =>
    Notification.safeParse({ summary: line, body: line }).success;
  expect(fits("peernet: 3 sessions wait, 2 on mini-2.local")).toBe(true);
  for (const line of [
    "",
    "-x",
    "--",
    "<b>a</b>",
    "a&b",
    "a'b",
    'a"b',
    "a\nb",
    "a\\b",
    "a\u202eb",
  ]) {
    expect([line, fits(line)]).toEqual([line, false]);
  }
  expect([fits("a".repeat(120)), fits("a".repeat(121)), fits("é")]).toEqual([true, false, false]);
});
