/** Which notifications a daemon asks for, and when. */

import { expect, test } from "bun:test";
import { type ErrandsEvent, Notification } from "../../../src/contract/errands/errands.ts";
import { notifyEveryMs, notifyLookMs } from "../../../src/contract/errands/limits.ts";
import type { State } from "../../../src/contract/lease.ts";
import { PeerMemories } from "../../../src/daemon/peers/memories.ts";
import { notifyWaiting, unlimited } from "../../../src/daemon/watch/notifications.ts";
import { world } from "../../core/sessions/lease-world.ts";
import { type Machine, machine, pair } from "../../support/daemon.ts";
import { everywhere, homeWith, told } from "../../support/hooks.ts";
import { until } from "../../support/until.ts";

/** Sessions that hooks tell of, and the notifications that follow. */
function desktop(isOn = true) {
  const w = world(1);
  w.configure(everywhere);
  const { timers, clock, handlers } = w;
  const startedMs = clock.monotonicMs();
  const shown: (readonly [number, string, string])[] = [];
  const context = {
    ...w.context,
    config: { ...w.context.config, notify: { desktop: isOn, bell: false } },
  };
  const cancel = notifyWaiting({
    context,
    memories: new PeerMemories(context),
    limit: unlimited(),
    errands: {
      run: async ({ input }) => {
        const { summary, body } = Notification.parse(input);
        shown.push([clock.monotonicMs() - startedMs, summary, body]);
        return { done: false, why: "no_keeper" };
      },
    },
  });
  const say = async (session: number, state: State): Promise<void> => {
    const process = { pid: session, start_time: "1" };
    const project = `project-${session}`;
    const event = told({ session_id: `session-${session}`, process, project, state });
    await handlers.hook(event, w.caller());
  };
  return { ...w, timers, say, shown, cancel };
}

test("a session that begins to wait is shown, once", async () => {
  const { timers, say, shown } = desktop();
  await say(1, "working");
  await timers.advance(1_000);
  expect(shown).toEqual([]);
  await say(1, "waiting");
  await timers.advance(notifyLookMs);
  expect(shown).toEqual([[1_000 + notifyLookMs, "peernet: 1 session waits", "1 here"]]);
  await say(1, "waiting");
  await timers.advance(2 * notifyEveryMs);
  expect(shown.length).toBe(1);
});

test("P41: A desktop notification holds counts and names that a person here gave, at most one a minute.", async () => {
  const { timers, say, shown } = desktop();
  // It tells of all that began to wait since the last one, and still do.
  await say(1, "waiting");
  await say(2, "waiting");
  await timers.advance(notifyLookMs);
  expect(shown).toEqual([[notifyLookMs, "peernet: 2 sessions wait", "2 here"]]);
  await timers.advance(10_000);
  for (const session of [3, 4, 5]) await say(session, "waiting");
  await timers.advance(10_000);
  await say(4, "working");
  await timers.advance(notifyEveryMs - 20_000 - 1);
  expect(shown.length).toBe(1);
  await timers.advance(1);
  expect(shown.length).toBe(2);
  expect(shown[1]).toEqual([notifyEveryMs + notifyLookMs, "peernet: 2 sessions wait", "2 here"]);
});

test("a session that waits again after it worked is shown again", async () => {
  const { timers, say, shown } = desktop();
  await say(1, "waiting");
  await timers.advance(notifyEveryMs + notifyLookMs);
  await say(1, "working");
  await timers.advance(1_000);
  await say(1, "waiting");
  await timers.advance(notifyLookMs);
  expect(shown.length).toBe(2);
});

test("nothing is shown where the settings say no, or after the daemon's end", async () => {
  const off = desktop(false);
  await off.say(1, "waiting");
  await off.timers.advance(notifyEveryMs);
  expect([off.shown, off.timers.pending()]).toEqual([[], 0]);
  const over = desktop();
  await over.say(1, "waiting");
  over.cancel();
  await over.say(2, "waiting");
  await over.timers.advance(notifyEveryMs);
  expect([over.shown, over.timers.pending()]).toEqual([[], 0]);
});

/** Reads as the keeper of a machine does, and answers at once unless told otherwise. */
function keeper({ calls }: Machine, { answers = true } = {}) {
  const leaving = new AbortController();
  const read: Notification[] = [];
  const ids: string[] = [];
  const take = async (event: ErrandsEvent): Promise<void> => {
    if (event.event !== "errand") return;
    read.push(Notification.parse(event.errand.input));
    const { id } = event.errand;
    ids.push(id);
    if (answers) await calls.errand({ id, outcome: { kind: "notify", output: {} } });
  };
  void (async () => {
    const asked = { version: "0.1.0", kinds: ["notify"] };
    for await (const event of calls.errands(asked, { signal: leaving.signal })) await take(event);
  })().catch(() => {});
  return { read, ids, [Symbol.dispose]: () => leaving.abort() };
}

test("a session of a peer is counted, whatever it and its machine are called", async () => {
  await using mini = await machine("mini", { notifies: true });
  await using laptop = await machine("rm-rf", { home: homeWith(everywhere) });
  using seen = keeper(mini);
  await laptop.calls.hook(told({ state: "working", project: "you-have-won" }));
  await pair(mini, laptop);
  const states = async () => {
    const { peers } = await mini.calls.status({});
    return peers.flatMap(({ handles }) => handles.map(({ state }) => state));
  };
  await until("mini knows the session", async () => (await states()).includes("working"));
  await laptop.calls.hook(told({ state: "waiting", project: "you-have-won" }));
  await until("it is shown", () => seen.read.length > 0);
  expect(seen.read).toEqual([
    { summary: "peernet: 1 session waits", body: "1 on another machine" },
  ]);
});

test("an errand that is open at a stop holds up nothing, and is awaited no more", async () => {
  await using mini = await machine("mini", { home: homeWith(everywhere), notifies: true });
  using before = keeper(mini, { answers: false });
  await mini.calls.hook(told({ state: "waiting" }));
  await until("it is handed", () => before.ids.length > 0);
  await using again = await mini.restart();
  using seen = keeper(again);
  const [id = ""] = before.ids;
  const done = { kind: "notify", output: {} } as const;
  expect(await again.calls.errand({ id, outcome: done })).toEqual({ awaited: false });
  // The wait is older than this run of the daemon: no news.
  await again.calls.hook(told({ state: "waiting" }));
  const other = { session_id: "session-b", process: { pid: 4243, start_time: "1" } };
  await again.calls.hook(told({ state: "waiting", project: "sync", ...other }));
  await until("the new one is shown", () => seen.read.length > 0);
  expect(seen.read).toEqual([{ summary: "peernet: 1 session waits", body: "1 here" }]);
});

test("errands refuses too many kinds, and errand an outcome of another form", async () => {
  await using mini = await machine("mini");
  const id = "01a22ca9-460c-7014-a786-101c0b7184a3";
  for (const outcome of [{ kind: "notify" }, { kind: "later", output: {} }, { kind: "failed" }]) {
    const asked = mini.calls.errand({ id, outcome } as never);
    await expect(asked).rejects.toMatchObject({ code: "bad_request" });
  }
  const kinds = Array.from({ length: 65 }, (_, at) => `kind-${at}`);
  for (const more of [{ kinds }, { kinds: [1] }, { version: "v".repeat(65) }]) {
    const events = mini.calls.errands({ version: "0.1.0", kinds: [], ...more } as never);
    const first = events[Symbol.asyncIterator]().next();
    await expect(first).rejects.toMatchObject({ code: "bad_request" });
  }
});
