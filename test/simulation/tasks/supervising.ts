/** The supervisors of a run: each has the folder of one round, and outlives keeper and daemon. */

import type { Seen, TaskOrder } from "../../../src/contract/tasks/errands.ts";
import type { Blob, TaskResult } from "../../../src/contract/tasks/task.ts";
import { sampleResult } from "../../support/tasks.ts";
import type { Owner, Schedule } from "../schedule.ts";
import { digest } from "../who.ts";

/** The key of a round. */
export const keyOf = ({ task_id, round }: { task_id: string; round: number }): string =>
  `${task_id} ${round}`;

/** The commit of every base and result. */
export const commit = "91c0d7e0000000000000000000000000000000ab";
/** The bundle of every result with commits. */
export const tree: Blob = { bytes: 4, sha256: "6".repeat(64) };
/** The interval of looks at a folder. */
export const lookMs = 500;

/** Dependencies of supervisors. */
export interface Supervising {
  readonly keeper: { readonly folders: Map<string, Folder> };
  readonly schedule: Schedule;
  readonly machine: Owner;
  readonly life: () => Owner;
  readonly wait: (ms: number, owner: Owner) => Promise<void>;
  /** True when the daemon wrote the file by which the supervisor of a round is told to stop. */
  readonly isStopped: (order: Pick<TaskOrder, "task_id" | "round">) => boolean;
  /** A supervisor begins a round: from here on its program may run. */
  readonly begins: (order: TaskOrder) => void;
  /** A supervisor ignores that a round was begun before. */
  readonly beginsAgain?: boolean;
}

/** The folder of a round. */
export interface Folder {
  readonly order: TaskOrder;
  /** True once `started` is written. */
  isStarted: boolean;
  /** True while a supervisor holds the lock. */
  isLocked: boolean;
  word: "preparing" | "running" | "collecting";
  result: NonNullable<Seen["result"]> | null;
  text: string;
}

/** Starts the supervisor of a round as the product's keeper does: once. */
export async function start(doing: Supervising, order: TaskOrder): Promise<unknown> {
  const { keeper, schedule, wait, life, beginsAgain = false } = doing;
  const { folders } = keeper;
  const { draw } = schedule;
  const key = keyOf(order);
  const known = folders.get(key);
  const hasBegun = (folder: Folder | undefined): boolean =>
    folder !== undefined && (folder.isStarted || folder.result !== null);
  if (hasBegun(known) && !beginsAgain) return { started: true };
  if (known?.isLocked === true || draw.oneIn(20)) return busy;
  const folder: Folder = {
    ...{ order, isStarted: false, isLocked: true, word: "preparing", result: null, text: "" },
  };
  folders.set(key, folder);
  void supervise(doing, folder);
  const own = life();
  while (!hasBegun(folder) && folder.isLocked) await wait(20, own);
  return hasBegun(folder) ? { started: true } : busy;
}

const busy = { started: false, why: "busy", detail: "another begins" };

/** Supervises a round to its end, unless it is killed. */
async function supervise(doing: Supervising, folder: Folder): Promise<void> {
  const { schedule, wait, isStopped, begins, machine } = doing;
  const { draw } = schedule;
  const { order } = folder;
  await wait(draw.below(400), machine);
  if (!folder.isLocked) return;
  if (isStopped(order)) return end(folder, { state: "cancelled", reason: "stopped" });
  folder.isStarted = true;
  begins(order);
  const runMs = draw.oneIn(4) ? draw.below(60_000) : draw.below(6_000);
  const words = ["running", "collecting"] as const;
  for (const [ms, word] of [draw.below(500), runMs].entries()) {
    for (let left = word; left > 0; left -= lookMs) {
      await wait(Math.min(left, lookMs), machine);
      if (!folder.isLocked) return;
      if (isStopped(order)) return end(folder, { state: "cancelled", reason: "stopped" });
    }
    folder.word = words[ms] ?? "running";
  }
  const isFailed = draw.oneIn(5);
  const reason = isFailed ? "exit" : null;
  end(folder, { state: isFailed ? "failed" : "completed", reason, hasCommit: draw.oneIn(2) });
}

interface End extends Pick<TaskResult, "state" | "reason"> {
  readonly hasCommit?: boolean;
}

/** Writes the one result, and lets the lock go. */
function end(folder: Folder, { state, reason, hasCommit = false }: End): void {
  const { task_id, round, document_sha256, decision_sha256 } = folder.order;
  const sample = sampleResult(task_id);
  const changed = hasCommit ? { commit, bundle: tree } : {};
  const measured = { ...sample.measured, ...changed };
  const whole: TaskResult = {
    ...{ ...sample, round, state, reason, document_sha256, decision_sha256, measured },
  };
  folder.text = JSON.stringify(whole);
  const short = { ...whole, measured: { ...measured, files: [] } };
  const blob = { bytes: Buffer.byteLength(folder.text), sha256: digest(folder.text) };
  folder.result = { short, blob };
  folder.isLocked = false;
}

/** The state of a round as its folder shows it. */
export function seenOf(folder: Folder | undefined): Seen {
  const seen = (word: Seen["seen"]): Seen => ({
    ...{ seen: word, log_bytes: 0, running_ms: null, result: null },
  });
  if (folder === undefined) return seen("absent");
  if (folder.result !== null) return { ...seen("ended"), result: folder.result };
  if (!folder.isLocked) return seen(folder.isStarted ? "lost" : "absent");
  return seen(folder.isStarted ? folder.word : "preparing");
}
