/** A paired machine at full speed: what it leaves in the trail, and what it is answered. */

import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { readAnswersMax } from "../../../src/contract/limits/rates.ts";
import {
  answersMax,
  answersMs,
  asksPerSecondMax,
  helloPauseMs,
  peerCountMs,
  questionBytesMax,
} from "../../../src/contract/limits.ts";
import { answersInMs, countAnswer } from "../../../src/core/admission.ts";
import { PeerCounts } from "../../../src/daemon/context/peer-counts.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { faultsWanted, skipUnless } from "../../support/skip.ts";
import { until } from "../../support/until.ts";
import { askFor, askOn, endOf, hello } from "../attack/asking.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";

const long = skipUnless(faultsWanted, "20,000 asks of one peer: --faults");
const paceMs = 1_000 / asksPerSecondMax;
const question = "q".repeat(questionBytesMax);

const recordsOf = async (on: Machine) =>
  (await on.calls.audit({ peer: "mallory", all: true, limit: 1_000 })).records.filter(
    ({ verb }) => verb === "ask" || verb === "hello" || verb === "refused",
  );

/** Asks so many times at the pace that is allowed; resolves to how each ended. */
async function asks(time: Moved, peer: HandPeer, times: number) {
  using connection = await peer.connect();
  const ends = new Map<string, number>();
  for (let ask = 0; ask < times; ask += 1) {
    time.move({ monotonicMs: paceMs });
    const end = endOf(await askOn(connection, peer, { ...askFor(), question }));
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  return ends;
}

async function hourPasses(on: Machine, time: Moved): Promise<void> {
  const before = (await recordsOf(on)).length;
  time.pass(peerCountMs);
  time.sweep();
  await until("the hour is recorded", async () => (await recordsOf(on)).length > before);
}

describe("40: a paired machine at full speed for a day", () => {
  test("without a scope: one record of a kind at once, one an hour, and no question", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const peer = await enrol(on, { grant: [] });
    expect([...(await asks(time, peer, 100))]).toEqual([["scope_denied", 100]]);
    expect((await recordsOf(on)).map(({ count, text }) => [count, text])).toEqual([[null, null]]);
    await hourPasses(on, time);
    const records = await recordsOf(on);
    expect(records.map(({ verb, outcome, count, text }) => [verb, outcome, count, text])).toEqual([
      ["ask", "scope_denied", null, null],
      ["ask", "scope_denied", 99, null],
    ]);
  });

  test("too fast: what is refused is counted by the hour", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await on.calls.activate(session());
    const peer = await enrol(on);
    using connection = await peer.connect();
    const ends: string[] = [];
    for (let ask = 0; ask < 60; ask += 1) ends.push(endOf(await askOn(connection, peer)));
    const limited = ends.filter((end) => end === "rate_limited").length;
    expect(limited).toBeGreaterThan(15);
    await hourPasses(on, time);
    const refused = (await recordsOf(on)).filter(({ verb }) => verb === "refused");
    expect(refused.map(({ outcome, count }) => [outcome, count])).toEqual([
      ["rate_limited", limited],
    ]);
  });

  test("hellos are counted by the hour, and at the end of the daemon", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const peer = await enrol(on);
    using connection = await peer.connect();
    const greet = async (): Promise<void> => {
      time.pass(paceMs);
      expect((await connection.post("hello", hello, { token: peer.token }))?.status).toBe(200);
    };
    for (let time = 0; time < 30; time += 1) await greet();
    await hourPasses(on, time);
    const hellos = async (from: Machine) =>
      (await recordsOf(from)).filter(({ verb }) => verb === "hello").map(({ count }) => count);
    expect(await hellos(on)).toEqual([30]);
    using again = await peer.connect();
    expect((await again.post("hello", hello, { token: peer.token }))?.status).toBe(200);
    await using restarted = await on.restart();
    expect(await hellos(restarted)).toEqual([30, 1]);
  });

  test("answersInMs() is over 0 from the 20,000th answer of a day on, until hours are over", () => {
    const hourMs = 3_600_000;
    let answers: ReadonlyMap<number, number> = new Map();
    for (let answer = 0; answer < answersMax; answer += 1) {
      expect(answersInMs(answers, 5)).toBe(0);
      answers = countAnswer(answers, 5);
    }
    expect(answersInMs(answers, 5)).toBe(answersMs - 5);
    expect(answersInMs(answers, answersMs - 1)).toBe(1);
    expect(answersInMs(answers, answersMs)).toBe(0);
    expect(countAnswer(answers, answersMs + hourMs).size).toBe(1);
  });

  test("answersInMs() keeps a quarter of a day's answers from reads, and no more", () => {
    const counts = new PeerCounts();
    const now = { wallMs: 5, bootMs: 5, monotonicMs: 5 };
    const left = (rate: "asks" | "pieces") => counts.answersInMs("a", now, rate);
    for (let read = 0; read < readAnswersMax; read += 1) {
      expect(left("pieces")).toBe(0);
      counts.answered("a", now, "pieces");
    }
    expect([left("pieces"), left("asks")]).toEqual([answersMs - 5, 0]);
    for (let ask = readAnswersMax; ask < answersMax; ask += 1) counts.answered("a", now);
    expect(left("asks")).toBe(answersMs - 5);
    expect(counts.answersInMs("b", now, "pieces")).toBe(0);
  });

  long(
    "with every scope: 20,000 answers, each on the record, in at most 60 MB",
    async () => {
      const time = moved();
      await using on = await machine("on", time);
      await on.calls.activate(session());
      const peer = await enrol(on);
      const ends = await asks(time, peer, answersMax + 50);
      expect([...ends]).toEqual([
        ["200", answersMax],
        ["rate_limited", 50],
      ]);
      const other = await enrol(on, { name: "other" });
      expect([...(await asks(time, other, 1))]).toEqual([["200", 1]]);
      const files = ["state.db", "state.db-wal"].map((name) => statSync(join(on.home, name)).size);
      expect(files.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000_000);
    },
    300_000,
  );
});

test("40: hellos of a peer that cannot be dialled begin no search each", async () => {
  const time = moved();
  await using on = await machine("on", time);
  // Nothing listens there: every dial of it fails.
  const peer = await enrol(on, { port: 9 });
  using connection = await peer.connect();
  const failed = async () => (await on.calls.peers({})).peers[0]?.link_detail ?? null;
  time.pass(1);
  time.sweep();
  await until("its dial has failed", async () => (await failed()) !== null);
  let due = 0;
  for (let greeting = 0; greeting < 20; greeting += 1) {
    time.pass(paceMs);
    expect((await connection.post("hello", hello, { token: peer.token }))?.status).toBe(200);
    if (time.restsMs() <= 0) due += 1;
  }
  expect(20 * paceMs).toBeLessThan(helloPauseMs);
  expect(due).toBe(0);
});
