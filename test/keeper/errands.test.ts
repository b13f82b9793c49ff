/** The keeper's end of errands. */

import { expect, test } from "bun:test";
import type { ErrandOutcome, ErrandsEvent } from "../../src/contract/errands/errands.ts";
import { errandsRememberedMax } from "../../src/contract/errands/limits.ts";
import { PeernetError } from "../../src/contract/errors.ts";
import { processCheckMs } from "../../src/contract/limits.ts";
import { doErrands, type ErrandRunner } from "../../src/keeper/errands.ts";
import { fakeEffects } from "../support/effects.ts";
import { noReaders } from "../support/readers.ts";

const input = { summary: "peernet: 1 session waits", body: "1 here" };
const errand = (id: string, kind = "notify"): ErrandsEvent =>
  // A later version may have kinds that this one does not know.
  ({ event: "errand", errand: { id, kind, input, deadline_ms: 10_000 } }) as ErrandsEvent;

/** A keeper, and the daemon that it reads from: `send` queues an event, `cut` ends the stream. */
function keeping(notify: ErrandRunner<"notify">) {
  const { timers, log } = fakeEffects();
  const told: (readonly [string, ErrandOutcome])[] = [];
  const queue: (ErrandsEvent | "cut")[] = [];
  const state = { opened: [] as unknown[], isUp: true, isDeaf: false };
  let wake = (): void => {};
  const doing = doErrands({
    calls: {
      errands: async function* (asked, options) {
        if (!state.isUp) throw new PeernetError("daemon_not_running");
        state.opened.push(asked);
        options?.signal?.addEventListener("abort", () => send("cut"));
        for (;;) {
          const event = queue.shift();
          if (event === "cut") return;
          if (event !== undefined) yield event;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      },
      errand: async ({ id, outcome }) => {
        if (state.isDeaf) throw new PeernetError("daemon_not_running");
        told.push([id, outcome]);
        return { awaited: true };
      },
    },
    runners: { notify, queue: async () => null, search: async () => null, ...noReaders },
    version: "1.0.0",
    timers,
    log,
  });
  const send = (event: ErrandsEvent | "cut"): void => {
    queue.push(event);
    wake();
  };
  return { doing, send, told, state, timers, log };
}

test("doErrands() runs each errand, and tells its output", async () => {
  const shown: unknown[] = [];
  const { doing, send, told, state, timers } = keeping(async (given) => {
    shown.push(given);
    return {};
  });
  send(errand("a"));
  await timers.advance(0);
  const kinds = ["notify", "queue", "search", ...Object.keys(noReaders)];
  expect(state.opened).toEqual([{ version: "1.0.0", kinds }]);
  expect(shown).toEqual([input]);
  expect(told).toEqual([["a", { kind: "notify", output: {} }]]);
  await doing.end();
  expect(timers.pending()).toBe(0);
});

test("doErrands() does an errand once, and tells of it each time that it is handed", async () => {
  let count = 0;
  const { send, told, state, timers } = keeping(async () => {
    count += 1;
    return {};
  });
  state.isDeaf = true;
  send(errand("a"));
  await timers.advance(0);
  state.isDeaf = false;
  send("cut");
  await timers.advance(processCheckMs);
  send(errand("a"));
  await timers.advance(0);
  expect([count, told, state.opened.length]).toEqual([
    1,
    [["a", { kind: "notify", output: {} }]],
    2,
  ]);
});

test("doErrands() remembers so many outcomes, and forgets the oldest", async () => {
  let count = 0;
  const { send, timers } = keeping(async () => {
    count += 1;
    return {};
  });
  for (let at = 0; at <= errandsRememberedMax; at += 1) send(errand(`${at}`));
  await timers.advance(0);
  send(errand(`${errandsRememberedMax}`));
  send(errand("1"));
  await timers.advance(0);
  expect(count).toBe(errandsRememberedMax + 1);
  send(errand("0"));
  await timers.advance(0);
  expect(count).toBe(errandsRememberedMax + 2);
});

test("doErrands() gives an errand up at its deadline, and goes on with others", async () => {
  const signals: AbortSignal[] = [];
  let hangs = true;
  const { send, told, timers } = keeping((_, signal) => {
    signals.push(signal);
    return hangs ? new Promise(() => {}) : Promise.resolve({});
  });
  send(errand("a"));
  await timers.advance(9_999);
  hangs = false;
  send(errand("b"));
  await timers.advance(0);
  expect(told.map(([id]) => id)).toEqual(["b"]);
  await timers.advance(1);
  expect(told[1]).toEqual(["a", { kind: "failed", reason: "deadline" }]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test("doErrands() tells that it failed, that nothing can do it, that the kind is new", async () => {
  const results = [
    () => Promise.reject(new Error("no bus")),
    () => Promise.resolve(null),
    () => Promise.resolve({}),
  ];
  const { send, told, log, timers } = keeping(() => results.shift()?.() ?? Promise.resolve({}));
  send(errand("a"));
  await timers.advance(0);
  send(errand("b"));
  send(errand("c", "toString"));
  // So does an event that a later version adds: it is passed over.
  send({ event: "later" } as unknown as ErrandsEvent);
  await timers.advance(0);
  expect(told.map(([, outcome]) => "reason" in outcome && outcome.reason)).toEqual([
    "failed",
    "unsupported",
    "unsupported",
  ]);
  expect(log.entries.map(({ event }) => event)).toEqual(["errand_failed"]);
});

test("doErrands() opens the stream again when it ended, and while no daemon answers", async () => {
  const { send, state, timers } = keeping(async () => ({}));
  await timers.advance(0);
  state.isUp = false;
  send("cut");
  await timers.advance(10 * processCheckMs);
  expect(state.opened.length).toBe(1);
  state.isUp = true;
  await timers.advance(processCheckMs);
  expect(state.opened.length).toBe(2);
});

test("doErrands() reads no more once it is to make room for a later version", async () => {
  const { doing, send, state, timers } = keeping(async () => ({}));
  await timers.advance(0);
  expect(doing.isReplaced()).toBe(false);
  send({ event: "replace" });
  send("cut");
  await timers.advance(10 * processCheckMs);
  expect([doing.isReplaced(), state.opened.length, timers.pending()]).toEqual([true, 1, 0]);
});

test("end() ends what is under way", async () => {
  const { doing, send, told, timers } = keeping(() => new Promise(() => {}));
  send(errand("a"));
  await timers.advance(0);
  await doing.end();
  await timers.advance(0);
  expect(told).toEqual([["a", { kind: "failed", reason: "deadline" }]]);
  expect(timers.pending()).toBe(0);
});
