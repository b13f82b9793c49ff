/** Two models that answer each other without end, over 72 hours of a simulated clock. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { hopsMax, messagesAlone } from "../../../src/contract/messages/limits.ts";
import type { Effects } from "../../../src/platform/effects.ts";
import type { Machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { agent, mailOf, model, rows, two } from "./exchange.ts";

setDefaultTimeout(120_000);

const stepMs = 2 * 3_600_000;
const steps = (72 * 3_600_000) / stepMs;
/** Messages of each side in a step: more than every budget of its time. */
const burst = 3;

/** Clocks that run on, and that a test moves besides. */
function moving() {
  let passedMs = 0;
  const later = (read: () => number) => (): number => read() + passedMs;
  return {
    pass: (ms: number) => {
      passedMs += ms;
    },
    effects: (real: Effects): Effects => {
      const { wallMs, bootMs, monotonicMs } = real.clock;
      const clock = {
        ...{ wallMs: later(wallMs), bootMs: later(bootMs), monotonicMs: later(monotonicMs) },
      };
      return { ...real, clock };
    },
  };
}

/** One side writes to the other, in its own way. */
type Write = (on: Machine, own: string, other: string) => Promise<unknown>;

const typed = (own: string) => ({ ...model(own), by: "person" }) as const;

const ways: Readonly<Record<string, Write>> = {
  "by replies to the newest message": async (on, own, other) => {
    const [newest] = (await mailOf(on)).filter(
      ({ direction, mailbox }) => direction === "in" && mailbox === own,
    );
    const input = { text: "thanks", from: model(own) };
    return newest === undefined
      ? on.calls.send({ to: other, ...input })
      : on.calls.reply({ id: newest.message_id, ...input });
  },
  "by new threads": (on, own, other) =>
    on.calls.send({ to: other, text: "and this?", from: model(own) }),
  "by peernet send in a shell": (on, own, other) =>
    on.calls.send({ to: other, text: "and this?", from: typed(own) }),
};

/** Messages of a mailbox that started something, and the most answers in a row. */
function taken(on: Machine, name: string) {
  const of = `FROM message WHERE direction = 'in' AND name = '${name}'`;
  const [loud] = rows<{ count: number }>(on, `SELECT count(*) AS count ${of} AND quiet = 0`);
  const [hops] = rows<{ most: number | null }>(on, `SELECT max(hops) AS most ${of}`);
  return { loud: loud?.count ?? 0, hops: hops?.most ?? 0 };
}

/** Lets both write for 72 hours; a session is live at each step, and no person acts. */
async function goOn(write: Write, isShell: boolean) {
  const times = { laptop: moving(), mini: moving() };
  await using both = await two({}, times);
  const { laptop, mini } = both;
  const entries = [{ scope: "message" as const, names: null }];
  await laptop.calls["peers/grant"]({ name: "mini", entries, hold: false });
  await until("mini knows its rights on laptop", async () => {
    const { grants } = await mini.calls["peers/show"]({ name: "laptop" });
    return grants.ours.includes("message");
  });
  const web = isShell ? { ...agent("web"), harness: "shell" } : agent("web");
  for (let step = 0; step < steps; step += 1) {
    for (const time of Object.values(times)) time.pass(stepMs);
    await laptop.calls.activate(web);
    await mini.calls.activate(agent("hydrate"));
    for (let at = 0; at < burst; at += 1) {
      // A refusal ends one message, and no model.
      await write(laptop, "web", "mini/hydrate").catch(() => null);
      await write(mini, "hydrate", "laptop/web").catch(() => null);
    }
  }
  return [taken(laptop, "web"), taken(mini, "hydrate")] as const;
}

const promise =
  "P62: Without a person's act a handle takes 48 messages that start something, and 6 answers to " +
  "answers, however two models go on.";

describe(promise, () => {
  for (const [way, write] of Object.entries(ways)) {
    for (const isShell of [false, true]) {
      const who = isShell ? "a shell's handle" : "agents";
      test(`72 hours ${way}, of ${who}`, async () => {
        const both = await goOn(write, isShell);
        for (const { loud, hops } of both) {
          expect([way, loud <= messagesAlone, hops <= hopsMax]).toEqual([way, true, true]);
        }
        expect(Math.max(...both.map(({ loud }) => loud))).toBeGreaterThan(5);
      });
    }
  }
});
