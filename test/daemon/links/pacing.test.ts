/** This machine's own calls of a peer that refuses them for coming too fast. */

import { describe, expect, test } from "bun:test";
import { PeernetError } from "../../../src/contract/errors.ts";
import { rates } from "../../../src/contract/limits/rates.ts";
import { tooFast } from "../../../src/contract/wire/too-fast.ts";
import { atPaceOf } from "../../../src/daemon/links/pacing.ts";
import { PeerMemory } from "../../../src/daemon/peers/memory.ts";
import type { Effects } from "../../../src/platform/effects.ts";
import { machine, pair, session } from "../../support/daemon.ts";

/** A clock that only a timer moves. */
function handClock() {
  const waits: number[] = [];
  let nowMs = 1_000;
  const effects: Pick<Effects, "clock" | "timers"> = {
    clock: { wallMs: () => nowMs, bootMs: () => nowMs, monotonicMs: () => nowMs },
    timers: {
      after: (ms, run) => {
        waits.push(ms);
        nowMs += ms;
        run();
        return () => {};
      },
      every: () => () => {},
    },
  };
  return { effects, waits, now: () => nowMs };
}

describe("atPaceOf()", () => {
  test("atPaceOf() repeats a refused call after the time that the peer told", async () => {
    const { effects, waits } = handClock();
    const refusals = [tooFast(200), tooFast(300)];
    const call = () => {
      const refusal = refusals.shift();
      return refusal === undefined ? Promise.resolve("answer") : Promise.reject(refusal);
    };
    const memory = new PeerMemory();
    const paced = { path: "ask", untilMs: 6_000 } as const;
    expect(await atPaceOf({ effects, memory }, paced, call)).toBe("answer");
    expect(waits).toEqual([200, 300]);
  });

  test("atPaceOf() gives up at once when the peer asks for more time than there is", async () => {
    const { effects, waits } = handClock();
    const memory = new PeerMemory();
    let calls = 0;
    const call = () => {
      calls += 1;
      return Promise.reject(tooFast(7_200_000));
    };
    const attempt = () => atPaceOf({ effects, memory }, { path: "ask", untilMs: 6_000 }, call);
    const refusal = {
      code: "rate_limited",
      message: "the peer takes no more calls for now",
      hint: "wait 2 h, then try again",
      details: { retry_after_ms: 7_200_000 },
    };
    await expect(attempt()).rejects.toMatchObject(refusal);
    // The peer is not called again before that time.
    await expect(attempt()).rejects.toMatchObject(refusal);
    expect([calls, waits]).toEqual([1, []]);
    // Another rate of the same peer is not slowed.
    const reached = { path: "reached", untilMs: 6_000 } as const;
    expect(await atPaceOf({ effects, memory }, reached, async () => "answer")).toBe("answer");
  });

  test("atPaceOf() ends before its deadline, whatever the peer tells", async () => {
    for (const told of [tooFast(1), tooFast(null), tooFast(999)]) {
      const { effects, waits, now } = handClock();
      const memory = new PeerMemory();
      const call = () => Promise.reject(told);
      const attempt = atPaceOf({ effects, memory }, { path: "ask", untilMs: 6_000 }, call);
      await expect(attempt).rejects.toMatchObject({ code: "rate_limited" });
      expect(now()).toBeLessThan(6_000);
      expect(waits.length).toBeLessThanOrEqual(5 * rates.asks.perSecond);
    }
  });

  test("atPaceOf() repeats no other refusal", async () => {
    const { effects, waits } = handClock();
    const call = () => Promise.reject(new PeernetError("scope_denied"));
    const paced = { path: "ask", untilMs: 6_000 } as const;
    const attempt = atPaceOf({ effects, memory: new PeerMemory() }, paced, call);
    await expect(attempt).rejects.toMatchObject({ code: "scope_denied" });
    expect(waits).toEqual([]);
  });
});

test("60 asks at once of one peer are all answered: those beyond the burst wait", async () => {
  await using mini = await machine("mini");
  await using laptop = await machine("laptop");
  await mini.calls.activate(session());
  await pair(mini, laptop);
  const asks = Array.from({ length: 60 }, () =>
    laptop.calls.ask({
      handle: "mini/hydrate",
      question: null,
      thread_id: null,
      timeout_ms: 5_000,
    }),
  );
  const ends = await Promise.allSettled(asks);
  expect(ends.map(({ status }) => status).filter((status) => status === "rejected")).toEqual([]);
});
