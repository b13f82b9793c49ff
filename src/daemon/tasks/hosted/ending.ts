/**
 * Ends a round of a peer: row, record and the entry for the asker in one transaction, once. Writes
 * the file by which a supervisor is told to stop; that needs no keeper.
 */

import type { TaskResult } from "../../../contract/tasks/task.ts";
import { shortResult } from "../../../core/tasks/crossing.ts";
import { isOpen, isStarted, stopFile, type Task } from "../../../core/tasks/task.ts";
import type { Instant } from "../../../platform/effects.ts";
import { type Doing, keyOf, move, recordTask, type TaskParts, type TaskRecord } from "../parts.ts";

/** The end of a round: as its supervisor wrote it, or without one. */
export type RoundEnd =
  | { readonly short: TaskResult; readonly blob: NonNullable<Task["blob"]> }
  | { readonly state: "lost" | "failed" | "cancelled"; readonly reason: string };

/** A round at an instant. */
export interface RoundAt {
  readonly task: Task;
  readonly now: Instant;
}

/** A round inside a transaction. */
export interface DoingRound extends Doing {
  readonly row: Task;
}

/** Ends a round, unless it has ended. */
export async function endRound(
  parts: TaskParts,
  { task, now }: RoundAt,
  end: RoundEnd,
): Promise<void> {
  await parts.context.transact(now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    if (row !== null && isOpen(row)) noteEnd(parts, { work, now, row }, end);
    return { value: undefined };
  });
}

/** Notes the end of an open round. */
export function noteEnd(parts: TaskParts, { row, ...doing }: DoingRound, end: RoundEnd): Task {
  if (!("short" in end)) {
    const ended = move(parts, doing, { task: row, ...end });
    recordTask(parts, doing, { task: ended, outcome: end.state, details: { reason: end.reason } });
    return ended;
  }
  const { short, blob } = end;
  if (!isOwnResult(row, short)) {
    return noteEnd(parts, { ...doing, row }, { state: "failed", reason: "result" });
  }
  const { state, reason } = short;
  const result = JSON.stringify(shortResult(short));
  const ended = move(parts, doing, {
    task: row,
    ...{ state, reason },
    more: { result, blob, due: "task_result" },
  });
  recordTask(parts, doing, { task: ended, ...endRecord(short, blob.sha256) });
  return ended;
}

/** True for the end of this very round, as it was decided. */
const isOwnResult = (row: Task, { task_id, round, ...digests }: TaskResult): boolean =>
  task_id === row.task_id &&
  round === row.round &&
  digests.document_sha256 === row.document_sha256 &&
  (row.direction === "out" || digests.decision_sha256 === row.decision_sha256);

/** The record of an end, which both machines write with the digest of the whole result. */
export const endRecord = (
  { state, reason, measured }: TaskResult,
  content_sha256: string,
): Omit<TaskRecord, "task"> => ({
  ...{ outcome: state, content_sha256 },
  details: {
    ...{ reason, exit: measured.exit, duration_ms: measured.duration_ms, usd: measured.usd },
    ...{
      commit: measured.commit,
      files: measured.files_count,
      wall: measured.sandbox?.wall ?? null,
    },
  },
});

/**
 * Stops a round: one that waits ends here; of one that may run, the supervisor is told by a file at
 * once, and its end follows.
 */
export function stopRound(parts: TaskParts, { row, ...doing }: DoingRound, reason: string): Task {
  if (!isOpen(row) || row.stop !== null) return row;
  if (!isStarted(row)) {
    const ended = move(parts, doing, {
      task: row,
      state: "cancelled",
      reason,
      more: { stop: reason },
    });
    recordTask(parts, doing, { task: ended, outcome: "cancelled", details: { reason } });
    return ended;
  }
  writeStop(parts, row);
  const stopping = { ...row, stop: reason };
  doing.work.tables.tasks.put(stopping);
  recordTask(parts, doing, { task: stopping, outcome: "stopping", details: { reason } });
  return stopping;
}

/** Writes the file that a supervisor watches. */
export function writeStop(
  { context }: Pick<TaskParts, "context">,
  row: Pick<Task, "task_id" | "round">,
): void {
  const { files, log } = context.effects;
  try {
    files.write(stopFile(row), "stop\n");
  } catch (error) {
    log.error("stop_not_written", { reason: String(error) });
  }
}
