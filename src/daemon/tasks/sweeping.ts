/** Ends what nobody decided about in time, queues ends that are still due, removes old tasks. */

import { heldTaskMs, taskKeptMs } from "../../contract/tasks/limits.ts";
import { isOpen, isStarted, isWaiting, type Task } from "../../core/tasks/task.ts";
import type { Instant } from "../../platform/effects.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { writeStop } from "./hosted/ending.ts";
import { tell } from "./outgoing/answers.ts";
import { discardFiles, keyOf, move, recordTask, type TaskParts, tellAsker } from "./parts.ts";

/** Old rounds that one sweep removes. */
const sweptMax = 64;

/** Ends and removes what is due; writes only when there is some. */
export async function sweepTasks(parts: TaskParts, now: Instant): Promise<void> {
  const { context } = parts;
  const { tasks } = context.tables;
  const nowMs = elapsedAt(context, now);
  // A stop that could not be written before is written again.
  for (const task of tasks.open("in"))
    if (isStarted(task) && task.stop !== null) writeStop(parts, task);
  const overdue = [...tasks.open("in"), ...tasks.open("out")].filter((task) => isLate(task, nowMs));
  const untold = tasks.due("in").filter((task) => !isQueued(parts, task));
  const oldest = tasks.oldestMs();
  const hasOld = oldest !== null && oldest + taskKeptMs <= nowMs;
  if (overdue.length === 0 && untold.length === 0 && !hasOld) return;
  const removed = await context.transact(now, (work) => {
    for (const task of overdue) expire(parts, { work, now }, task);
    for (const task of untold) tellAsker(parts, { work, now }, task);
    const gone = hasOld ? work.tables.tasks.old(nowMs - taskKeptMs, sweptMax) : [];
    for (const task of gone) work.tables.tasks.remove(task);
    return { value: gone };
  });
  for (const task of removed) discardFiles(parts, task);
}

/**
 * True for a round that waited too long for a person, its pieces or its machine. A machine that was
 * silent for as long as it keeps an end has none to tell any more.
 */
function isLate({ direction, state, state_ms }: Task, nowMs: number): boolean {
  const mayWait = state === "submitted" || (direction === "in" && state === "held");
  if (!mayWait && direction === "in") return false;
  return nowMs - state_ms >= (mayWait ? heldTaskMs : taskKeptMs);
}

function isQueued({ context }: TaskParts, { due, fingerprint, task_id }: Task): boolean {
  if (context.tables.peers.get(fingerprint) === null) return true;
  return context.tables.outbox.has({ fingerprint, kind: due ?? "task_event", subject_id: task_id });
}

function expire(parts: TaskParts, doing: Parameters<typeof move>[1], task: Task): void {
  const row = doing.work.tables.tasks.get(keyOf(task));
  if (row === null || !isOpen(row) || (row.direction === "in" && !isWaiting(row))) return;
  const ended = move(parts, doing, { task: row, state: "expired" });
  recordTask(parts, doing, { task: ended, outcome: "expired" });
  if (ended.direction === "out") tell(parts, doing, ended);
}

/** Milliseconds until the next look: while a task of a peer goes on, the policy is read again. */
export function tasksDueInMs({ context }: TaskParts, now: Instant): number {
  const { tasks } = context.tables;
  if (tasks.open("in").length > 0 || tasks.due("in").length > 0) return 0;
  if (tasks.due("out").length > 0 || tasks.open("out").length > 0) return 60_000;
  const oldest = tasks.oldestMs();
  return oldest === null ? Number.POSITIVE_INFINITY : oldest + taskKeptMs - elapsedAt(context, now);
}
