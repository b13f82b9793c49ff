/** Tasks in the form for people and sessions: lists, one task, its states. */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { listedTasksMax } from "../../contract/tasks/limits.ts";
import type { ShownTask, TaskReport } from "../../contract/tasks/local.ts";
import { TaskDecision, TaskResult } from "../../contract/tasks/task.ts";
import { homeFault } from "../../core/tasks/homecoming.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Instant } from "../../platform/effects.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { TaskParts } from "./parts.ts";

type Shown = Pick<TaskParts, "context">;

/** A task as lists show it. */
export function shownTask({ context }: Shown, task: Task, now: Instant): ShownTask {
  const nowMs = elapsedAt(context, now);
  const { task_id, name, direction, repository, profile, runner, round, state, reason } = task;
  const peer = context.tables.peers.get(task.fingerprint);
  return {
    ...{ task_id, name, direction, repository, profile, runner, round, state, reason },
    peer: peer?.name ?? task.peer_name,
    state_age_ms: Math.max(0, nowMs - task.state_ms),
    age_ms: Math.max(0, nowMs - task.created_ms),
    asked_by: task.asked_by,
  };
}

/** The tasks of a list. */
export function listedTasks(
  parts: Shown,
  { direction, all }: InputOf<Control["tasks"]>,
  now: Instant,
): OutputOf<Control["tasks"]> {
  const directions = direction === "both" ? (["in", "out"] as const) : [direction];
  const limit = listedTasksMax + 1;
  const found = parts.context.tables.tasks.list({ directions, all, limit });
  const tasks = found.slice(0, listedTasksMax).map((task) => shownTask(parts, task, now));
  return { tasks, more: found.length > listedTasksMax };
}

/**
 * The task that a name or the end of an id means: the newest of that name.
 * @throws {id_unknown} {id_several}
 */
export function foundTask({ context }: Shown, key: string, direction?: Task["direction"]): Task {
  const all = context.tables.tasks
    .alike(key)
    .filter((task) => direction === undefined || task.direction === direction);
  const [named] = all.filter(({ name, direction: side }) => name === key && side === "out");
  const ids = new Set(all.map(({ task_id }) => task_id));
  const found = named ?? all[0];
  if (found === undefined) {
    throw new PeernetError("id_unknown", {
      message: "no task here has that name or id",
      hint: "peernet tasks --all",
    });
  }
  if (named === undefined && ids.size > 1) throw new PeernetError("id_several");
  return found;
}

const stepsOf = ({ context }: Shown, task: Task, now: Instant) => {
  const nowMs = elapsedAt(context, now);
  return context.tables.tasks.steps(task).map(({ round, state, reason, at_ms }) => ({
    ...{ round, state, reason, age_ms: Math.max(0, nowMs - at_ms) },
  }));
};

/** The end of the last ended round of a task: the whole one where it is here. */
export function resultOf({ context }: Shown, task: Task): TaskResult | null {
  for (let { round } = task; round > 0; round--) {
    const row = context.tables.tasks.get({ ...task, round });
    if (row?.result == null) continue;
    const text = context.tables.tasks.whole(row) ?? row.result;
    return TaskResult.safeParse(JSON.parse(text)).data ?? null;
  }
  return null;
}

const homeOf = (task: Task) => ({ ref: task.ref, root: task.root, home: homeFault(task) });

/** A task for the session that asked for it. */
export const reportOf = (parts: Shown, task: Task, now: Instant): TaskReport => ({
  task: shownTask(parts, task, now),
  states: stepsOf(parts, task, now),
  result: resultOf(parts, task),
  ...homeOf(task),
});

/** A task with everything that a person decides by. */
export function wholeTask(parts: Shown, task: Task, now: Instant): OutputOf<Control["tasks/show"]> {
  const { document, document_sha256, decision, decision_sha256 } = task;
  return {
    ...reportOf(parts, task, now),
    ...{ document: document ?? "", document_sha256, decision_sha256 },
    decision: decision === null ? null : TaskDecision.parse(JSON.parse(decision)),
  };
}
