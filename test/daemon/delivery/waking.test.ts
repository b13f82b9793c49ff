/** Turns that are started for mail, and those that are not: two real daemons, real pipes. */

import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Turn } from "../../../src/contract/delivery/turn.ts";
import { until } from "../../support/until.ts";
import { rows, sent, two } from "../messages/exchange.ts";
import { keeper, pipeId, type SessionOptions, sessionOf, waker } from "./sessions.ts";

/** The wakes of a machine that its budgets count. */
const wakes = (on: Parameters<typeof rows>[0]): number =>
  rows<{ name: string }>(on, "SELECT name FROM wake").length;

const wayTo = async (on: Parameters<typeof sent>[0]) => (await sent(on, "mini/hydrate")).next;

/** Two machines; `hydrate` ended a turn and waits, in a mode of its client. */
async function idle(options: SessionOptions = {}, more: Parameters<typeof two>[1] = {}) {
  const both = await two({}, more);
  const session = sessionOf(both.mini, "hydrate", options);
  await session.on("prompt");
  await session.on("end");
  return { ...both, session };
}

describe("an idle session", () => {
  test("is woken by one line to its newest waker, as its sender learns", async () => {
    await using both = await idle();
    const { laptop, mini, session } = both;
    await using first = await waker(mini, session, pipeId(1));
    await using second = await waker(mini, session, pipeId(2));
    await until("the older one ends", () => first.line() !== null);
    expect(await wayTo(laptop)).toBe("wake");
    await until("it is rung", () => second.line() !== null);
    expect([first.line(), second.line()]).toEqual(["end", "wake"]);
    await until("it is noted", () => wakes(mini) === 1);
    expect(await session.on("woken")).toEqual({ count: 1, from: [], others: true, model: false });
    await session.on("end");
    // It knows: nothing starts another turn for the same mail.
    await using third = await waker(mini, session, pipeId(3));
    await mini.calls.status({});
    expect([third.line(), wakes(mini)]).toEqual([null, 1]);
  });

  test("is woken as soon as a waker comes for mail that is there", async () => {
    await using both = await idle();
    const { laptop, mini, session } = both;
    expect(await wayTo(laptop)).toBe("prompt");
    await using late = await waker(mini, session, pipeId(1));
    await until("it is rung", () => late.line() === "wake");
  });

  test("is woken again only after the budgets' pause", async () => {
    await using both = await idle();
    const { laptop, mini, session } = both;
    await using first = await waker(mini, session, pipeId(1));
    await sent(laptop, "mini/hydrate");
    await until("it is rung", () => first.line() === "wake");
    await until("it is noted", () => wakes(mini) === 1);
    await session.on("woken");
    await session.on("end");
    await using second = await waker(mini, session, pipeId(2));
    await sent(laptop, "mini/hydrate", { text: "more" });
    expect([second.line(), wakes(mini)]).toEqual([null, 1]);
    expect(await session.on("end")).toBeNull();
    // A person acts: the budgets begin again.
    await session.on("prompt");
    await session.on("end");
    await sent(laptop, "mini/hydrate", { text: "and more" });
    await until("it is rung", () => second.line() === "wake");
  });

  test("is not woken by a waker that was killed, or by another file", async () => {
    await using both = await idle();
    const { laptop, mini, session } = both;
    const killed = await waker(mini, session, pipeId(1));
    await killed[Symbol.asyncDispose]();
    await sent(laptop, "mini/hydrate");
    await until("its pipe is taken away", () => !existsSync(killed.pipe));
    expect(await wayTo(laptop)).toBe("prompt");
    const replaced = await waker(mini, session, pipeId(2));
    // The one that was killed woke nobody, and costs no budget.
    await until("it is rung", () => replaced.line() === "wake", 5_000);
    await until("it is noted", () => wakes(mini) === 1);
    await session.on("prompt");
    await using swapped = await waker(mini, session, pipeId(3));
    rmSync(swapped.pipe);
    writeFileSync(swapped.pipe, "kept", { mode: 0o600 });
    await session.on("end");
    await sent(laptop, "mini/hydrate", { text: "more" });
    await until("it is given up", async () => (await wayTo(laptop)) === "prompt");
    expect(readFileSync(swapped.pipe, "utf8")).toBe("kept");
  });

  test("is not woken through a pipe that others may write to", async () => {
    await using both = await idle();
    const { laptop, mini, session } = both;
    await using opened = await waker(mini, session, pipeId(1));
    chmodSync(opened.pipe, 0o622);
    await sent(laptop, "mini/hydrate");
    await until("it is given up", async () => (await wayTo(laptop)) === "prompt");
    expect(opened.line()).toBeNull();
  });

  test("is not woken while it works or waits for its person", async () => {
    await using both = await idle();
    const { laptop, mini, session } = both;
    await session.on("prompt");
    await using armed = await waker(mini, session, pipeId(1));
    expect(await wayTo(laptop)).toBe("turn");
    expect([armed.line(), wakes(mini)]).toEqual([null, 0]);
    expect(await session.on("end")).toMatchObject({ count: 1, model: true });
    // The turn went on: its end was a wake, and no second one follows.
    expect(wakes(mini)).toBe(1);
    await session.on("tool");
    await session.on("end", { continued: true });
    expect([armed.line(), wakes(mini)]).toEqual([null, 1]);
  });

  test("M3: is not woken without the right, nor by a quiet message", async () => {
    await using both = await two({ scopes: ["ask", "message"] });
    const { laptop, mini } = both;
    const session = sessionOf(mini, "hydrate");
    await session.on("prompt");
    await session.on("end");
    await using armed = await waker(mini, session, pipeId(1));
    await sent(laptop, "mini/hydrate");
    await mini.calls.status({});
    expect([armed.line(), wakes(mini)]).toEqual([null, 0]);
  });
});

describe("M13", () => {
  const modes = [
    ["default", true, "wake"],
    ["bypassPermissions", false, "prompt"],
    ["unknown", null, "prompt"],
  ] as const;
  const setting = { wakeUnattended: ["laptop"] };

  for (const [mode, asks, next] of modes) {
    test(`a session in the mode ${mode} is ${asks ? "" : "not "}woken by a waker`, async () => {
      await using both = await idle({ asks });
      await using armed = await waker(both.mini, both.session, pipeId(1));
      expect(await wayTo(both.laptop)).toBe(next);
      if (asks) await until("it is rung", () => armed.line() === "wake");
      else expect([armed.line(), wakes(both.mini)]).toEqual([null, 0]);
    });

    test(`a turn in the mode ${mode} ${asks ? "goes" : "does not go"} on for mail`, async () => {
      await using both = await idle({ asks });
      await both.session.on("prompt");
      await sent(both.laptop, "mini/hydrate");
      const told = await both.session.on("end");
      expect([told?.count ?? null, wakes(both.mini)]).toEqual(asks ? [1, 1] : [null, 0]);
    });

    test(`a thread of Codex in the mode ${mode} is ${asks ? "" : "not "}queued for`, async () => {
      const queued: unknown[] = [];
      await using both = await two();
      const { laptop, mini } = both;
      await mini.calls.deactivate({ name: "hydrate" });
      const session = await codexIn(mini, asks);
      await using _keeper = keeper(mini, {
        queue: async (input) => {
          queued.push(input);
          return { queued: true };
        },
      });
      expect(await wayTo(laptop)).toBe(next);
      const { session_id: thread, process } = session;
      if (asks) await until("it is queued", () => queued.length > 0);
      expect(queued).toEqual(asks ? [{ thread, process, cwd: "/src/hydrate" }] : []);
      expect(wakes(mini)).toBe(asks ? 1 : 0);
      await session.on("prompt");
      await sent(laptop, "mini/hydrate", { text: "more" });
      expect((await session.on("end"))?.count ?? null).toBe(asks ? 2 : null);
    });
  }

  test("messages.wake_unattended names machines that wake a session that asks nobody", async () => {
    await using both = await idle({ asks: false }, { mini: setting });
    const { laptop, mini, session } = both;
    await using armed = await waker(mini, session, pipeId(1));
    // Its own name for itself counts as nobody's.
    expect(await wayTo(laptop)).toBe("prompt");
    await mini.calls["peers/rename"]({ name: "laptop", to: "desk" });
    await mini.calls["peers/rename"]({ name: "desk", to: "laptop" });
    await sent(laptop, "mini/hydrate", { text: "more" });
    await until("it is rung", () => armed.line() === "wake");
  });
});

/** A session of Codex that ended a turn, and holds `hydrate`. */
async function codexIn(mini: Parameters<typeof sessionOf>[0], asks: boolean | null) {
  const options = { harness: "codex", session_id: "id-codex", start_time: "codex", asks } as const;
  const session = sessionOf(mini, "hydrate", options);
  const { harness, session_id, process } = session;
  const folder = { cwd: "/src/hydrate", project: "hydrate" };
  await mini.calls.activate({ name: "hydrate", harness, session_id, process, ...folder });
  const first: Turn["moment"] = "prompt";
  await session.on(first);
  await session.on("end");
  return session;
}

describe("an idle thread of Codex", () => {
  test("that no terminal shows is not woken before its next event", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    await mini.calls.deactivate({ name: "hydrate" });
    const session = await codexIn(mini, true);
    let asked = 0;
    await using _keeper = keeper(mini, {
      queue: async () => {
        asked += 1;
        return { queued: asked > 1 };
      },
    });
    await sent(laptop, "mini/hydrate");
    await until("it is given up", async () => (await wayTo(laptop)) === "prompt");
    expect(asked).toBe(1);
    await session.on("prompt");
    await session.on("end");
    await sent(laptop, "mini/hydrate", { text: "more" });
    await until("it is queued", () => asked === 2);
  });

  test("whose command fails is not wakeable until its next event", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    await mini.calls.deactivate({ name: "hydrate" });
    const session = await codexIn(mini, true);
    await using _keeper = keeper(mini, {
      queue: async () => {
        throw new Error("codex queue ended with 1");
      },
    });
    await sent(laptop, "mini/hydrate");
    await until("it is given up", async () => (await wayTo(laptop)) === "prompt");
    await session.on("prompt");
    await session.on("end");
    expect(await wayTo(laptop)).not.toBe("turn");
  });
});
