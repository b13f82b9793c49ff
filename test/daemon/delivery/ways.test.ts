/** The ways by which mail reaches sessions, as this machine and its peers are told of them. */

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { sent, two } from "../messages/exchange.ts";
import { pipeId, sessionOf, waker } from "./sessions.ts";

type Both = Awaited<ReturnType<typeof two>>;

const wayHere = async ({ mini }: Both) => (await mini.calls.status({})).handles[0]?.way;

/** The way of mini's session, as its last hello told laptop. */
const wayThere = async ({ laptop }: Both) =>
  (await laptop.calls["peers/show"]({ name: "mini" })).handles[0]?.way;

const wayAsked = async ({ laptop }: Both) => {
  const answer = await laptop.calls.ask({
    handle: "mini/hydrate",
    question: null,
    thread_id: null,
  });
  return "session" in answer ? answer.session.way : null;
};

describe("a way", () => {
  test("is told by status, by an answer, and by a hello to a person who watches", async () => {
    await using both = await two({ mine: true });
    await both.laptop.calls["peers/grant"]({ name: "mini", entries: [], mine: true });
    const events = both.laptop.calls.watch({})[Symbol.asyncIterator]();
    await events.next();
    await until("mini knows that the laptop watches", async () => {
      const { watches } = await both.mini.calls["peers/show"]({ name: "laptop" });
      return watches === true;
    });
    const session = sessionOf(both.mini, "hydrate");
    await session.on("prompt");
    expect(await wayHere(both)).toEqual({ next: "turn", not_wakeable: "waker" });
    await session.on("end");
    const without = { next: "prompt", not_wakeable: "waker" } as const;
    await until("the hello tells the end", async () =>
      Bun.deepEquals(await wayThere(both), without),
    );
    // No lease changes by the waker: the way alone does.
    await using _waker = await waker(both.mini, session, pipeId(1));
    const wake = { next: "wake", not_wakeable: null } as const;
    expect([await wayHere(both), await wayAsked(both)]).toEqual([wake, wake]);
    await until("the hello tells it", async () => Bun.deepEquals(await wayThere(both), wake));
    const { answer } = await both.mini.calls.preview({ name: "hydrate", as: "laptop" });
    expect(answer.session.way).toEqual(wake);
    await events.return?.();
  });

  test("to a machine without the right wake is another than here, with that reason", async () => {
    await using both = await two({ scopes: ["ask", "message"] });
    const session = sessionOf(both.mini, "hydrate");
    await session.on("prompt");
    await using _waker = await waker(both.mini, session, pipeId(1));
    await session.on("end");
    expect(await wayHere(both)).toEqual({ next: "wake", not_wakeable: null });
    expect(await wayAsked(both)).toEqual({ next: "prompt", not_wakeable: "right" });
  });

  test("is told to no machine that may not ask and write, nor with a hidden state", async () => {
    for (const entries of [
      [{ scope: "ask", names: null }],
      [{ scope: "message", names: null }],
    ] as const) {
      await using both = await two();
      await both.mini.calls["peers/revoke"]({ name: "laptop", scopes: null });
      await both.mini.calls["peers/grant"]({ name: "laptop", entries: [...entries] });
      const { answer } = await both.mini.calls
        .preview({ name: "hydrate", as: "laptop" })
        .catch(() => ({ answer: null }));
      expect(answer?.session.way).toBeUndefined();
    }
    await using both = await two();
    const entries = (["ask", "message"] as const).map((scope) => ({ scope, names: null }));
    for (const hide of [["state"], ["harness"], []] as const) {
      await both.mini.calls["peers/grant"]({ name: "laptop", entries, hide: [...hide] });
      const { answer } = await both.mini.calls.preview({ name: "hydrate", as: "laptop" });
      expect([hide, answer.session.way !== undefined]).toEqual([hide, hide.length === 0]);
    }
  });

  test("of a shell is the inbox, and a message to it promises nothing else", async () => {
    await using both = await two();
    const { mini, laptop } = both;
    await mini.calls.deactivate({ name: "hydrate" });
    const [process] = [{ pid: 1, start_time: "1" }];
    const place = { cwd: "/", project: "hydrate", process, session_id: null };
    await mini.calls.activate({ name: "hydrate", harness: "shell", ...place });
    expect(await wayHere(both)).toEqual({ next: "inbox", not_wakeable: "program" });
    expect((await sent(laptop, "mini/hydrate")).next).toBe("inbox");
  });
});
