/** Removes an ended task with its tree, output and texts, on both machines. */

import { accept, PeernetError, refuse } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import { isOpen, type Task } from "../../core/tasks/task.ts";
import type { LocalCaller } from "../context/context.ts";
import type { TaskCall } from "./calls.ts";
import { forgetTexts } from "./hosted/blobs.ts";
import { callAbout } from "./outgoing/calling.ts";
import { discardFiles, keyOf, recordTask, type TaskParts } from "./parts.ts";

/** Removes an own or a hosted task. @throws {task_state} {peer_unreachable} */
export async function discardTask(
  parts: TaskParts,
  task: Task,
  { now }: LocalCaller,
): Promise<Task> {
  if (isOpen(task)) {
    throw new PeernetError("task_state", {
      message: "that task still goes on",
      hint: `stop it first: peernet task stop ${task.name}`,
    });
  }
  if (task.direction === "out") {
    const { task_id } = task;
    await callAbout(parts, "task/discard", { input: { task_id }, task }).catch((error: unknown) => {
      // The other machine has removed it, or ended the pairing.
      const isGone = error instanceof PeernetError && gone.includes(error.code);
      if (!isGone) throw error;
    });
  }
  const after = await parts.context.transact(now, (work) => {
    forgetTexts(work, task);
    recordTask(parts, { work, now }, { task, outcome: "discarded", direction: "local" });
    return { value: work.tables.tasks.get(keyOf(task)) ?? task };
  });
  discardFiles(parts, task);
  return after;
}

const gone: readonly string[] = ["id_unknown", "peer_unknown", "peer_refused", "unauthenticated"];

/** Removes a task at the word of its asker. Refuses with {id_unknown} {task_state}. */
export function discardThere(
  parts: TaskParts,
  { task_id }: InputOf<Wire["task/discard"]>,
  call: TaskCall,
): Promise<OutputOf<Wire["task/discard"]>> {
  return call.asPeer((peer, work) => {
    const row = work.tables.tasks.latest("in", task_id);
    if (row?.fingerprint !== peer.fingerprint) return refuse("id_unknown");
    if (isOpen(row)) return refuse("task_state");
    const { state, reason } = row;
    if (row.discarded) return accept({ state, reason });
    forgetTexts(work, row);
    const origin = call.originOf(peer);
    recordTask(parts, { work, now: call.now }, { task: row, outcome: "discarded", origin });
    work.after(() => {
      discardFiles(parts, row);
      parts.counts.answered(peer.fingerprint, call.now);
    });
    return accept({ state, reason });
  });
}
