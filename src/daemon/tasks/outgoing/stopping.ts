/** Asks the machine of a task to stop it: queued, and before everything else that waits for it. */

import { accept, type Outcome, settle } from "../../../contract/errors.ts";
import { isOpen, type Task } from "../../../core/tasks/task.ts";
import type { LocalCaller } from "../../context/context.ts";
import { type Draft, enqueue } from "../../outbox/enqueue.ts";
import { type Doing, keyOf, recordTask, type TaskParts } from "../parts.ts";

/** Queues the request to stop an own task; one that has ended stays as it is. */
export async function stopThere(parts: TaskParts, task: Task, { now }: LocalCaller): Promise<Task> {
  const { context } = parts;
  const outcome = await context.transact<Outcome<Task>>(now, (work) => {
    const row = work.tables.tasks.get(keyOf(task)) ?? task;
    if (!isOpen(row)) return { value: accept(row) };
    const queued = queueStop(parts, { work, now }, row);
    if (!queued.ok) return { value: queued };
    const stopping = { ...row, stop: "asked" };
    work.tables.tasks.put(stopping);
    recordTask(parts, { work, now }, { task: stopping, outcome: "stopping" });
    return { value: accept(stopping) };
  });
  return settle(outcome);
}

/** Queues the request to stop a round. Refuses with {outbox_full}. */
export function queueStop(
  { context, wake }: Pick<TaskParts, "context" | "wake">,
  { work, now }: Doing,
  { fingerprint, task_id, round }: Task,
): Outcome<unknown> {
  const draft: Draft = {
    ...{ kind: "task_stop", fingerprint, subject_id: task_id, scope: null, session: null },
    ...{ body: JSON.stringify({ task_id, round }), replaces: true },
  };
  work.after(() => wake(fingerprint));
  return enqueue(context, work, { draft, now });
}
