/** Readers of the change feed that come back, that are slow, and that go. */

import { describe, expect, test } from "bun:test";
import { auditPageMax } from "../../src/contract/limits.ts";
import { type Machine, machine, session } from "../support/daemon.ts";
import { until } from "../support/until.ts";
import { reading } from "./reader.ts";

const asked = { question: null, thread_id: null, timeout_ms: 5_000, handle: "hydrate" };

async function withHandle(): Promise<Machine> {
  const mini = await machine("mini");
  await mini.calls.activate(session({ name: "hydrate" }));
  return mini;
}

/** Its records: the first of the trail, and the handle's. */
const begun = 2;

/** The first line of a stream, which the typed calls keep to themselves. */
async function epochOf({ home }: Machine): Promise<string> {
  const leaving = new AbortController();
  const response = await fetch("http://localhost/v1/watch", {
    unix: `${home}/control.sock`,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
    signal: leaving.signal,
  });
  const { value } = (await response.body?.getReader().read()) ?? {};
  leaving.abort();
  const [head = ""] = new TextDecoder().decode(value).split("\n");
  return JSON.parse(head).epoch;
}

const seqs = (events: readonly { event: string }[]): unknown[] =>
  events.flatMap((event) => ("record" in event ? [Object(event.record).seq] : []));

async function askTimes(on: Machine, times: number): Promise<void> {
  for (let done = 0; done < times; done += 50) {
    const many = Array.from({ length: Math.min(50, times - done) }, () => on.calls.ask(asked));
    await Promise.all(many);
  }
}

describe("watch resumes", () => {
  test("after the record it is given, in the same run of the daemon", async () => {
    await using mini = await withHandle();
    const epoch = await epochOf(mini);
    await askTimes(mini, 3);
    await using feed = await reading(mini, { epoch, after_seq: begun });
    await feed.find("record", ({ record }) => record.seq === begun + 3);
    expect(seqs(feed.events)).toEqual([3, 4, 5]);
    expect(feed.events.filter(({ event }) => event === "reset")).toEqual([]);
  });

  test("by a reset in another run, without a run, after a record that is none yet", async () => {
    await using mini = await withHandle();
    const epoch = await epochOf(mini);
    for (const input of [
      { epoch: "another", after_seq: begun },
      { after_seq: begun },
      { epoch, after_seq: 99 },
    ]) {
      await using feed = await reading(mini, input);
      expect(feed.events[0]).toEqual({ event: "reset", head: begun });
      expect(seqs(feed.events)).toEqual([]);
    }
  });

  test("by a reset when the daemon was started again, and goes on from there", async () => {
    const before = await withHandle();
    const epoch = await epochOf(before);
    await using mini = await before.restart();
    await using feed = await reading(mini, { epoch, after_seq: begun });
    expect(feed.events[0]).toEqual({ event: "reset", head: begun });
    await mini.calls.activate(session({ name: "kettle" }));
    await feed.find("record", ({ record }) => record.verb === "activate");
    expect(seqs(feed.events)[0]).toBe(begun + 1);
  });

  test("by a reset when too much was missed, on both sides of the bound", async () => {
    await using mini = await withHandle();
    const epoch = await epochOf(mini);
    await askTimes(mini, auditPageMax);
    await using whole = await reading(mini, { epoch, after_seq: begun });
    await whole.find("record", ({ record }) => record.seq === auditPageMax + begun);
    expect(seqs(whole.events).length).toBe(auditPageMax);
    await using short = await reading(mini, { epoch, after_seq: begun - 1 });
    expect(await short.find("reset")).toEqual({ event: "reset", head: auditPageMax + begun });
    expect(seqs(short.events)).toEqual([]);
  });
});

describe("watch", () => {
  test("gives a reader that stood still the state as it is, and a reset", async () => {
    await using mini = await withHandle();
    await using quick = await reading(mini);
    const leaving = new AbortController();
    const slow = mini.calls.watch({}, { signal: leaving.signal })[Symbol.asyncIterator]();
    await slow.next();
    // The system's buffers hold some events before: this takes more than they do.
    await askTimes(mini, 3 * auditPageMax);
    await mini.calls.summary({ selector: { name: "hydrate" }, text: "boils" });
    await quick.find("record", ({ record }) => record.seq === 3 * auditPageMax + begun);
    let wasReset = false;
    let isCurrent = false;
    for (let read = 0; read < 8 * auditPageMax && !(wasReset && isCurrent); read += 1) {
      const { value } = await slow.next();
      if (value?.event === "reset") wasReset = true;
      if (value?.event === "handle" && value.handle.summary === "boils") isCurrent = true;
    }
    expect([wasReset, isCurrent]).toEqual([true, true]);
    leaving.abort();
  });

  test("ends for every reader when the daemon stops, and the daemon stops in time", async () => {
    const mini = await withHandle();
    const feeds = [await reading(mini), await reading(mini)];
    const again = await mini.restart();
    await until("both have ended", () => feeds.every((feed) => feed.hasEnded()));
    await again[Symbol.asyncDispose]();
  });

  test("gives a second reader the whole state, though nothing has changed", async () => {
    await using mini = await withHandle();
    await using first = await reading(mini);
    await using second = await reading(mini);
    expect(second.events.map(({ event }) => event).sort()).toEqual(
      first.events.map(({ event }) => event).sort(),
    );
  });

  test("tells a burst of renewals once a frame, not once each", async () => {
    await using mini = await withHandle();
    await using feed = await reading(mini);
    feed.clear();
    const { leases } = await mini.calls.leases({});
    const beats = leases.map(({ name, generation }) => ({ name, generation }));
    const startedMs = performance.now();
    for (let done = 0; done < 200; done += 1) await mini.calls.renew({ beats });
    const frames = Math.ceil((performance.now() - startedMs) / 16);
    await feed.find("handle");
    const told = feed.events.filter(({ event }) => event === "handle").length;
    expect(told).toBeLessThanOrEqual(frames + 1);
    expect(told).toBeGreaterThan(1);
  });
});
