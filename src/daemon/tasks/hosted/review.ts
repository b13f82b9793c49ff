/** Stops the tasks that pairing or policy no longer allow, while they wait and while they run. */

import { TaskDecision } from "../../../contract/tasks/task.ts";
import { isNarrowed } from "../../../core/tasks/decision.ts";
import { isStarted, type Task } from "../../../core/tasks/task.ts";
import { instantOf } from "../../../platform/effects.ts";
import { detach } from "../../context/detached.ts";
import { keyOf, type TaskParts } from "../parts.ts";
import { stopRound, writeStop } from "./ending.ts";
import { documentOf, permitNow } from "./weighing.ts";

/** The reason for which the pairing lets no round go on; null while it does. */
export function forbidsPeer({ context }: TaskParts, { fingerprint }: Task): string | null {
  const peer = context.tables.peers.get(fingerprint);
  if (peer === null || peer.refused) return "unpaired";
  return peer.grants.paused ? "paused" : null;
}

/** The reason for which an open round may not go on; null while it may. */
export function forbids(parts: TaskParts, task: Task): string | null {
  const parted = forbidsPeer(parts, task);
  if (parted !== null) return parted;
  const peer = parts.context.tables.peers.get(task.fingerprint);
  const document = documentOf(task);
  const permitted = document === null ? null : permitNow(parts, peer, document);
  if (permitted === null || !permitted.ok) return "policy";
  if (!isStarted(task) || task.decision === null) return null;
  const decision = TaskDecision.parse(JSON.parse(task.decision));
  return isNarrowed(decision, permitted.value) ? "policy" : null;
}

/**
 * Stops what may not go on. The file is written at once, before the row: a supervisor ends although
 * the disk of the database is full.
 */
export function reviewTasks(parts: TaskParts, judge = forbids): void {
  const { context } = parts;
  const { clock, log } = context.effects;
  for (const task of context.tables.tasks.open("in").filter(({ stop }) => stop === null)) {
    const reason = judge(parts, task);
    if (reason === null) continue;
    if (isStarted(task)) writeStop(parts, task);
    const now = instantOf(clock);
    detach(log, "stopping a task", () =>
      context.transact(now, (work) => {
        const row = work.tables.tasks.get(keyOf(task));
        if (row !== null) stopRound(parts, { work, now, row }, reason);
        return { value: undefined };
      }),
    );
  }
}
