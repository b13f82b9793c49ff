/** Refusals who knock as fast as they can: what they leave in the trail, and that it adds up. */

import { describe, expect, test } from "bun:test";
import {
  exchangesMax,
  refusalMinuteMs,
  refusalSourcesPerMinuteMax,
} from "../../../src/contract/limits.ts";
import { type Machine, machine, opened } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { connectTo, newIdentity } from "../attack/connection.ts";
import { breakDatabase } from "../attack/disk.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { anyShare, wrongTag } from "../attack/pairing.ts";

/** Knocks on one connection, or on a new one where the last was ended; how many were answered. */
async function knock(on: Machine, from: string, times: number): Promise<number> {
  const identity = newIdentity();
  let connection = await connectTo(on.address, { from, identity });
  let answered = 0;
  for (let time = 0; time < times; time += 1) {
    const path = ["window", "ask", "nothing", "pair/share"][time % 4] ?? "window";
    const reply = await connection.post(path, path === "pair/share" ? anyShare : {});
    if (reply === null) throw new Error("not answered");
    answered += 1;
    if (/^connection: close$/im.test(reply.head)) {
      connection[Symbol.dispose]();
      connection = await connectTo(on.address, { from, identity });
    }
  }
  connection[Symbol.dispose]();
  return answered;
}

/** Records of a trail in which nothing has happened: its first. */
const begun = 1;

/** Ends the minute, and returns what it left in the trail. */
async function recordsOfMinute(on: Machine, time: Moved, before = begun) {
  time.pass(refusalMinuteMs);
  time.sweep();
  await until("the minute is recorded", async () => (await on.calls.audit({})).total > before);
  const { records } = await on.calls.audit({ all: true, limit: 1_000 });
  return records.filter(({ seq }) => seq > before);
}

const sumOf = (records: readonly { readonly count: number | null }[]): number =>
  records.reduce((sum, { count }) => sum + (count ?? 0), 0);

const promise =
  "P24: Strangers at full speed, however many, cause at most 64 " +
  "records a minute, beside those of the confirms that a window allows.";

describe(promise, () => {
  test("one address, in a minute of 400 requests, and another minute after it", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const sent = await knock(on, "127.0.0.5", 400);
    time.pass(refusalMinuteMs - 1);
    time.sweep();
    expect((await on.calls.audit({})).total).toBe(begun);
    time.move({ monotonicMs: 1 - refusalMinuteMs });
    const records = await recordsOfMinute(on, time);
    expect(records.map(({ verb, count }) => [verb, count])).toEqual([
      ["probe", sent / 4],
      ["refused", (sent / 4) * 3],
    ]);
    const more = await knock(on, "127.0.0.5", 40);
    const next = await recordsOfMinute(on, time, begun + 2);
    expect(sumOf(next)).toBe(more);
    expect(next.length).toBeLessThanOrEqual(refusalSourcesPerMinuteMax);
  }, 30_000);

  test("200 addresses: 64 records, whose counts are all that was sent", async () => {
    const time = moved();
    await using on = await machine("on", time);
    let sent = 0;
    for (let number = 0; number < 200; number += 1) {
      sent += await knock(on, `127.0.${1 + (number >> 6)}.${1 + (number & 63)}`, 4);
    }
    const records = await recordsOfMinute(on, time);
    expect(records).toHaveLength(refusalSourcesPerMinuteMax);
    expect(sumOf(records)).toBe(sent);
    expect(records.filter((record) => record.origin_address === null)).toHaveLength(1);
    expect(await on.calls["audit/verify"]({})).toMatchObject({ ok: true });
  }, 30_000);

  test("while a window is open, and each run displaces another", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const window = await opened(on);
    const identity = newIdentity();
    for (let number = 0; number < exchangesMax + 100; number += 1) {
      using connection = await connectTo(on.address, { identity, from: "127.0.0.5" });
      expect((await connection.post("pair/share", anyShare))?.status).toBe(200);
    }
    window.close();
    await window.ended;
    time.pass(refusalMinuteMs);
    time.sweep();
    const causedSoFar = async () => {
      const { records } = await on.calls.audit({ all: true, limit: 1_000 });
      return records.filter(({ direction }) => direction === "in");
    };
    await until("the minute is recorded", async () => (await causedSoFar()).length > 0);
    const caused = await causedSoFar();
    expect(caused.length).toBeLessThanOrEqual(refusalSourcesPerMinuteMax);
  }, 30_000);
});

test("a minute is recorded once, though two sweeps wait for one commit", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const sent = await knock(on, "127.0.0.5", 8);
  time.pass(refusalMinuteMs);
  time.hold();
  time.sweep();
  time.sweep();
  await until("they wait for their commit", () => time.held() > 0);
  time.release();
  await until("the minute is recorded", async () => (await on.calls.audit({})).total > begun);
  expect(sumOf((await on.calls.audit({ all: true })).records)).toBe(sent);
});

test("what a stranger sends is counted though it is malformed", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const requests = [
    ["pair/share", "{"],
    ["pair/share", { ...anyShare, document: "AAAA" }],
    ["pair/confirm", { tag: "short" }],
    ["pair/confirm", { tag: wrongTag }],
    ["pair/share", " ".repeat(70_000)],
  ] as const;
  for (const [path, body] of requests) {
    using connection = await connectTo(on.address, { identity: newIdentity() });
    const status = (await connection.post(path, body))?.status ?? 0;
    expect(status >= 400 && status < 500).toBe(true);
  }
  const records = await recordsOfMinute(on, time);
  expect(sumOf(records)).toBe(requests.length);
});

const sums = (records: Awaited<ReturnType<typeof recordsOfMinute>>) =>
  [...Map.groupBy(records, ({ origin_address }) => origin_address)]
    .map(([from, own]) => [from, sumOf(own)])
    .sort();

for (const failing of ["record", "commit"] as const) {
  test(`refusals whose ${failing} failed are recorded once the disk is well`, async () => {
    const time = moved();
    await using on = await machine("on", time);
    await knock(on, "127.0.0.2", 3);
    const mend = breakDatabase(on.home, failing);
    const { total } = await on.calls.audit({});
    time.pass(refusalMinuteMs);
    for (let times = 0; times < 3; times += 1) {
      time.sweep();
      await on.calls.status({});
    }
    mend();
    expect(sums(await recordsOfMinute(on, time, total))).toEqual([["127.0.0.2", 3]]);
    time.sweep();
    expect(time.restsMs()).toBeGreaterThan(0);
  });
}
