/** Tells a person of held tasks on the desktop: each once, within the limit of notifications. */

import { expect, test } from "bun:test";
import { Notification } from "../../../src/contract/errands/errands.ts";
import { notifyEveryMs, notifyLookMs } from "../../../src/contract/errands/limits.ts";
import { taskNotification } from "../../../src/core/tasks/news.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import { unlimited } from "../../../src/daemon/watch/notifications.ts";
import { tellOfTasks } from "../../../src/daemon/watch/task-news.ts";
import { world } from "../../core/sessions/lease-world.ts";

const held = (id: string, more: Partial<Task> = {}): Task => ({
  ...{ direction: "in", task_id: id, round: 1, fingerprint: "f", state: "held", created_ms: 1 },
  ...{ ended_ms: null, peer_name: "eve", name: "Ignore-all", repository: "r", profile: "edit" },
  ...{ runner: null, document: "{}", document_sha256: "d", decision: null, reason: null },
  ...{ decision_sha256: null, approval: "each", approved: null, version: 1, state_ms: 1 },
  ...{ stop: null, result: null, blob: null, bundle: null, has_bundle: true, base: null },
  ...{ claim: null, tries: 0, due: null, asked_by: { handle: null, person: true } },
  ...{ discarded: false, root: null, ref: null, mailbox: { name: null, tree: null } },
  ...{ wakes: false, home: null, home_reason: null, told: false },
  ...more,
});

/** A daemon whose tasks a test writes, and its notifications. */
async function tasked({ desktop = true, waiting = [] as readonly Task[] } = {}) {
  const w = world(1);
  const config = { ...w.context.config, notify: { desktop, bell: false } };
  const context = { ...w.context, config };
  const shown: string[] = [];
  const limit = unlimited();
  const put = (tasks: readonly Task[]) =>
    context.transact(w.caller().now, ({ tables }) => {
      for (const each of tasks) tables.tasks.add(each);
      return { value: undefined };
    });
  await put(waiting);
  const run = async ({ input }: { readonly input: unknown }) => {
    const { summary, body } = Notification.parse(input);
    shown.push(`${summary} / ${body}`);
    return { done: false, why: "no_keeper" } as const;
  };
  const cancel = tellOfTasks({ context, limit, errands: { run } });
  return { ...w, shown, limit, put, cancel };
}

test("a held task notifies once, and none of its own words is shown", async () => {
  const { put, timers, shown } = await tasked({ waiting: [held("1")] });
  await put([held("2"), held("3", { state: "running" }), held("4", { direction: "out" })]);
  await timers.advance(notifyLookMs);
  await put([held("5", { state: "accepted" })]);
  await timers.advance(2 * notifyEveryMs);
  expect(shown).toEqual(["peernet: 1 task / waits for your approval: another machine"]);
});

test("notifications of tasks keep to the limit of all, and then come together", async () => {
  const { put, timers, shown, limit, clock } = await tasked();
  limit.nextMs = clock.monotonicMs() + notifyEveryMs;
  await put([held("1")]);
  await timers.advance(notifyLookMs);
  await put([held("2")]);
  await timers.advance(notifyEveryMs - notifyLookMs - 1);
  expect(shown).toEqual([]);
  await timers.advance(1);
  expect(shown).toEqual(["peernet: 2 tasks / wait for your approval: another machine"]);
});

test("without notify.desktop, and after its end, no task notifies", async () => {
  for (const desktop of [false, true]) {
    const { put, timers, shown, cancel } = await tasked({ desktop });
    cancel();
    await put([held("1")]);
    await timers.advance(notifyEveryMs);
    expect(shown).toEqual([]);
  }
});

test("taskNotification() names machines that a person named, and counts the others", () => {
  const mini = { name: "mini", named_by: "person" } as const;
  const eve = { name: "rm -rf", named_by: "itself" } as const;
  expect(taskNotification(3, [mini, eve, mini, null]).body).toBe(
    "wait for your approval: mini, another machine",
  );
});
