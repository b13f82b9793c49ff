/**
 * Shows a desktop notification of tasks that begin to wait for a person here, each once, within the
 * limit of all notifications. Gives counts, and names that a person here chose for a machine.
 */

import { notifyEveryMs, notifyLookMs } from "../../contract/errands/limits.ts";
import { taskNotification } from "../../core/tasks/news.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Cancel } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import type { MailNewsParts } from "./mail-news.ts";

/** Tells of held tasks until it is cancelled; of none when the settings forbid notifications. */
export function tellOfTasks({ context, errands, limit }: MailNewsParts): Cancel {
  const { config, effects, events, tables } = context;
  if (!config.notify.desktop) return () => {};
  const { clock, timers, log } = effects;
  const heldNow = (): readonly Task[] =>
    tables.tasks.open("in").filter(({ state }) => state === "held");
  const known = new Set(heldNow().map(keyOf));
  let changes = tables.tasks.changes();
  let cancel: Cancel | null = null;
  const lookIn = (ms: number): void => {
    cancel ??= timers.after(ms, () => {
      cancel = null;
      look();
    });
  };
  const look = (): void => {
    changes = tables.tasks.changes();
    const held = heldNow();
    const begun = held.filter((task) => !known.has(keyOf(task)));
    // What waits no more is forgotten: the set is as large as the table of held tasks at most.
    const stillHeld = new Set(held.map(keyOf));
    for (const key of known) if (!stillHeld.has(key)) known.delete(key);
    if (begun.length === 0) return;
    const restMs = limit.nextMs - clock.monotonicMs();
    if (restMs > 0) {
      lookIn(restMs);
      return;
    }
    limit.nextMs = clock.monotonicMs() + notifyEveryMs;
    for (const task of begun) known.add(keyOf(task));
    const peers = begun.map(({ fingerprint }) => tables.peers.get(fingerprint));
    const input = taskNotification(begun.length, peers);
    detach(log, "a notification", async () => {
      const ended = await errands.run({ kind: "notify", input });
      if (!ended.done) log.warn("notification_failed", { why: ended.why });
    });
  };
  const leave = events.listen(({ of }) => {
    if (of === "commit" && tables.tasks.changes() !== changes) lookIn(notifyLookMs);
  });
  return () => {
    leave();
    cancel?.();
  };
}

const keyOf = ({ task_id, round }: Task): string => `${task_id} ${round}`;
