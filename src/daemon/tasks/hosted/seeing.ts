/** Notes how far a round is, as the folder of its supervisor shows it. */

import type { Seen } from "../../../contract/tasks/errands.ts";
import { openStates } from "../../../contract/tasks/task.ts";
import { isOpen, type Task } from "../../../core/tasks/task.ts";
import { keyOf, type Moving, move, recordTask, type TaskParts } from "../parts.ts";
import { endRound, type RoundAt } from "./ending.ts";

/** Starts of one round that may come to nothing. */
const triesMax = 5;

/** Notes the state of a round's folder. */
export async function noteSeen(parts: TaskParts, at: RoundAt, seen: Seen): Promise<void> {
  switch (seen.seen) {
    case "absent":
      return noteAbsent(parts, at);
    case "preparing":
      return;
    case "running":
    case "collecting":
      return noteState(parts, at, seen.seen);
    case "ended":
      return seen.result === null ? undefined : endRound(parts, at, seen.result);
    case "lost":
      return endRound(parts, at, { state: "lost", reason: "supervisor" });
    default:
      return seen.seen satisfies never;
  }
}

/** A round without a folder: one that only was claimed is accepted again. */
async function noteAbsent(parts: TaskParts, at: RoundAt): Promise<void> {
  const { state, stop, tries } = at.task;
  if (state !== "claimed") return endRound(parts, at, { state: "lost", reason: "folder" });
  if (stop !== null) return endRound(parts, at, { state: "cancelled", reason: stop });
  if (tries >= triesMax) return endRound(parts, at, { state: "failed", reason: "start" });
  await moved(parts, at, { state: "accepted", more: { claim: null, tries: tries + 1 } });
}

/** Raises the state of a round that runs; an earlier one is not told again. */
async function noteState(
  parts: TaskParts,
  at: RoundAt,
  state: "running" | "collecting",
): Promise<void> {
  const order: readonly string[] = openStates;
  const rank = (of: Task["state"]): number => order.indexOf(of);
  if (rank(state) > rank(at.task.state)) await moved(parts, at, { state });
}

async function moved(
  parts: TaskParts,
  { task, now }: RoundAt,
  moving: Omit<Moving, "task">,
): Promise<void> {
  await parts.context.transact(now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    if (row === null || !isOpen(row)) return { value: undefined };
    const after = move(parts, { work, now }, { task: row, ...moving });
    if (moving.state === "running") {
      recordTask(parts, { work, now }, { task: after, outcome: "running" });
    }
    return { value: undefined };
  });
}
