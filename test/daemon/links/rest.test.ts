/** When the sweep comes: soon after anything happens, and otherwise when something is due. */

import { describe, expect, test } from "bun:test";
import {
  askMemoryMs,
  checkpointMs,
  exchangeLifeMs,
  headerDeadlineMs,
  helloJitter,
  helloMs,
  leaseLifeMs,
  refusalMinuteMs,
  sweepMs,
  sweepRestMsMax,
  windowLifeMs,
} from "../../../src/contract/limits.ts";
import { type Machine, machine, opened, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { connectTo, newIdentity } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { anyShare } from "../attack/pairing.ts";

/** Sweeps, and waits until that has settled when the next sweep comes. */
async function rested(time: Moved, restsMs: number): Promise<void> {
  await until(`the sweep rests ${restsMs} ms`, () => {
    if (time.restsMs() !== restsMs) time.sweep();
    return time.restsMs() === restsMs;
  });
}

/** Lets all but so much of a time pass, and sees that the sweep then rests for just that. */
async function restsFor(time: Moved, lifeMs: number, leftMs: number): Promise<void> {
  time.pass(lifeMs - leftMs);
  await rested(time, leftMs);
}

const verbs = async (on: Machine): Promise<readonly string[]> =>
  (await on.calls.audit({ all: true })).records.map(({ verb }) => verb);

describe("the sweep", () => {
  test("rests as long as it may where nothing is due", async () => {
    const time = moved();
    await using _on = await machine("on", time);
    expect(time.restsMs()).toBe(sweepMs);
    await rested(time, sweepRestMsMax);
  });

  test("comes within a second of what happens, and then rests again", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await rested(time, sweepRestMsMax);
    await on.calls.activate(session());
    expect(time.restsMs()).toBe(sweepMs);
    await rested(time, sweepRestMsMax);
    using _connection = await connectTo(on.address, { identity: newIdentity() });
    expect(time.restsMs()).toBe(sweepMs);
  });

  test("comes every second while somebody reads what changes", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await rested(time, sweepRestMsMax);
    const leaving = new AbortController();
    const events = on.calls.watch({}, { signal: leaving.signal })[Symbol.asyncIterator]();
    await events.next();
    expect(time.restsMs()).toBe(sweepMs);
    for (let turn = 0; turn < 3; turn += 1) {
      time.sweep();
      await on.calls.status({});
      expect(time.restsMs()).toBe(sweepMs);
    }
    leaving.abort();
    await events.next().catch(() => undefined);
    await rested(time, sweepRestMsMax);
  });

  test("comes when a lease expires, by the boot clock", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await on.calls.activate(session());
    time.move({ bootMs: leaseLifeMs - 2_000 });
    await rested(time, 2_000);
    time.move({ bootMs: 2_000 });
    time.sweep();
    await until("it is noted", async () => (await verbs(on)).includes("expire"));
  });

  test("comes when a checkpoint is due", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await on.calls.activate(session());
    await on.calls.deactivate({ name: "hydrate" });
    await rested(time, sweepRestMsMax);
    await restsFor(time, checkpointMs, 3_000);
  });

  test("comes when a pairing run is given up, and when the window closes", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const window = await opened(on);
    await rested(time, sweepRestMsMax);
    const connection = await connectTo(on.address, { identity: newIdentity() });
    await connection.post("pair/share", anyShare);
    await restsFor(time, exchangeLifeMs, 4_500);
    connection[Symbol.dispose]();
    await restsFor(time, windowLifeMs - exchangeLifeMs + 4_500, 1_500);
    window.close();
    await window.ended;
  });

  test("comes when a minute of strangers is over, and when a connection is", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const connection = await connectTo(on.address, { identity: newIdentity() });
    await connection.post("window", {});
    await rested(time, headerDeadlineMs);
    await restsFor(time, headerDeadlineMs, 2_500);
    connection[Symbol.dispose]();
    await restsFor(time, refusalMinuteMs - headerDeadlineMs + 2_500, 3_500);
  });

  test("comes when an answered ask is forgotten", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await using peer = await machine("peer");
    await pair(on, peer);
    await on.calls.activate(session());
    await rested(time, sweepRestMsMax);
    await peer.calls.ask({ handle: "on/hydrate", question: null, thread_id: null });
    expect(time.restsMs()).toBe(sweepMs);
    // By the boot clock alone: hellos and checkpoints go by the other.
    time.move({ bootMs: askMemoryMs - 2_000 });
    await rested(time, 2_000);
    time.move({ bootMs: 2_001 });
    await rested(time, sweepRestMsMax);
  });

  test("comes when a hello is due", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await using peer = await machine("peer");
    await pair(on, peer);
    await rested(time, sweepRestMsMax);
    for (let passedMs = 0; time.restsMs() === sweepRestMsMax; passedMs += 1_000) {
      expect(passedMs).toBeLessThan(helloMs * (1 + helloJitter));
      time.pass(1_000);
      time.sweep();
      await until("it is swept", () => {
        // The other machine may come by at any time.
        if (time.restsMs() === sweepMs) time.sweep();
        return time.restsMs() !== sweepMs;
      });
    }
    expect(time.restsMs()).toBeLessThan(sweepRestMsMax);
  });
});
