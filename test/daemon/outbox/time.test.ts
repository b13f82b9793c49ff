/** Entries of the outbox as time passes, and as the clocks are set back and forward. */

import { describe, expect, test } from "bun:test";
import {
  outboxFailuresMax,
  outboxLifeMs,
  outboxStuckMs,
} from "../../../src/contract/reach/limits.ts";
import { movedClocks } from "../../support/moved.ts";
import { until } from "../../support/until.ts";
import { replyOf } from "../attack/server.ts";
import { commit, taken, type Waiter, waiter } from "./waiter.ts";

const entriesOf = async ({ on }: Waiter) => (await on.calls.outbox({})).entries;
const failing = () => replyOf({ error: { code: "internal" } }, "500 Internal Server Error");
const day = 86_400_000;

/** A machine by moved clocks, and a peer that waits and fails for the entry that tells it. */
async function held() {
  const clocks = movedClocks();
  const of = await waiter({ effects: clocks.of });
  const poisoned = Bun.randomUUIDv7();
  await of.wait({ wait_id: poisoned });
  of.answering = (told) => (told.wait_id === poisoned ? failing() : replyOf({}));
  await commit(of.on);
  await until("it failed", async () => ((await entriesOf(of))[0]?.failures ?? 0) > 0);
  return { of, clocks, poisoned };
}

/** Lets time pass until an entry has failed once more. */
async function failsAgain(of: Waiter, pass: () => void): Promise<void> {
  const failures = async () => (await entriesOf(of))[0]?.failures ?? 0;
  const before = await failures();
  pass();
  await until("it failed again", async () => (await failures()) > before);
}

describe("an entry that the peer fails to take", () => {
  test("is set aside after eight failures in an hour, and others go on", async () => {
    const { of, clocks, poisoned } = await held();
    await using _of = of;
    const tenthMs = outboxStuckMs / (outboxFailuresMax - 2);
    for (let time = 2; time < outboxFailuresMax; time += 1) {
      expect(await entriesOf(of)).toMatchObject([{ failures: time - 1, stuck: false }]);
      await failsAgain(of, () => clocks.pass(tenthMs));
    }
    await failsAgain(of, () => clocks.pass(tenthMs));
    expect(await entriesOf(of)).toMatchObject([{ failures: outboxFailuresMax, stuck: true }]);
    const { outbox } = await of.on.calls.status({});
    expect(outbox).toEqual([{ peer: "mallory", entries: 1, stuck: 1 }]);
    const later = Bun.randomUUIDv7();
    await commit(of.on);
    await of.wait({ wait_id: later });
    await commit(of.on);
    await until("another went", () => of.told.at(-1)?.wait_id === later);
    of.answering = taken;
    // It is tried once an hour from then on.
    clocks.pass(outboxStuckMs);
    await until("it went", async () => (await entriesOf(of)).length === 0);
    expect(of.told.at(-1)?.wait_id).toBe(poisoned);
  });

  test("is kept though the wall clock is set 8 days forward, and back", async () => {
    const { of, clocks } = await held();
    await using _of = of;
    for (const days of [8, -8, -8, 8]) {
      clocks.setWall(days * day);
      await failsAgain(of, () => clocks.pass(60_000));
      expect(await entriesOf(of)).toHaveLength(1);
    }
    of.answering = taken;
    clocks.pass(60_000);
    await until("it went", async () => (await entriesOf(of)).length === 0);
    expect(of.told.at(-1)).toMatchObject({ outcome: "reached" });
  });

  test("ends when 7 days have passed, and not a minute before", async () => {
    const { of, clocks } = await held();
    await using _of = of;
    const leftMs = async () => (await entriesOf(of))[0]?.expires_in_ms ?? 0;
    await failsAgain(of, () => clocks.pass(outboxLifeMs - 60_000));
    expect(await leftMs()).toBeGreaterThan(0);
    const before = of.told.length;
    clocks.pass(await leftMs());
    await until("it ended", async () => (await entriesOf(of)).length === 0);
    expect(of.told.length).toBe(before);
  });
});
