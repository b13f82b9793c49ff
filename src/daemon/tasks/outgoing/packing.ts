/** Finds the base of a task in the caller's clone, and sends the commits that go with it. */

import { PeernetError } from "../../../contract/errors.ts";
import type { RunInput } from "../../../contract/tasks/local.ts";
import { isOpen, type Task } from "../../../core/tasks/task.ts";
import { instantOf } from "../../../platform/effects.ts";
import type { Undone } from "../../context/ports.ts";
import { keyOf, type TaskParts } from "../parts.ts";
import { callAbout } from "./calling.ts";

/** The clone of a task, its base, and the bundle that goes with it. */
export interface Packed {
  /** Null outside of a clone: then the place there has to be a folder. */
  readonly root: string | null;
  readonly base: string | null;
  readonly bundle: Task["bundle"];
  readonly left_out: number;
}

/** Packs what a task needs of the caller's clone. @throws {bad_request} {not_ready} {too_large} */
export async function packed(
  { errands }: TaskParts,
  {
    task_id,
    folder,
    at,
    wip,
    send,
  }: Pick<RunInput, "folder" | "at" | "wip" | "send"> & {
    readonly task_id: string;
  },
): Promise<Packed> {
  const input = { task_id, round: 1, folder, at, wip, bundle: send || wip };
  const ended = await errands.run({ kind: "task_pack", input });
  if (!ended.done) throw keeperless(ended.why);
  if (ended.output.packed) {
    const { root, base, bundle, left_out } = ended.output;
    return { root, base, bundle, left_out };
  }
  const { why, detail } = ended.output;
  if (why === "not_a_clone" && at === null && !wip && !send) {
    return { root: null, base: null, bundle: null, left_out: 0 };
  }
  throw new PeernetError(why === "too_large" ? "too_large" : "bad_request", {
    message: unpacked[why] ?? detail,
    hint:
      why === "too_large" ? "push the commits, then run without --send" : "git log --oneline -3",
  });
}

const unpacked: Readonly<Record<string, string>> = {
  not_a_clone: "this folder is in no clone of a repository",
  no_commit: "this repository has no commit yet",
  ref: "no such commit is in this clone",
  too_large: "the commits to send are over 64 MiB",
  objects_missing: "this clone lacks objects of that commit: it is shallow or partial",
  failed: "git could not pack the commits",
};

/** The refusal when no keeper here packs, fetches or imports. */
export const keeperless = (why: Undone): PeernetError =>
  new PeernetError("not_ready", {
    message: why === "no_keeper" ? "no keeper runs here" : "the keeper here did not do it",
    hint: "peernet doctor",
    details: { missing: "keeper", why },
  });

/** Sends the pieces of a declared bundle that the other machine lacks. */
export async function sendBundle(parts: TaskParts, task: Task): Promise<void> {
  const { errands, context } = parts;
  const id = { task_id: task.task_id, round: task.round, part: "bundle" } as const;
  for (let offset = 0; ; ) {
    const row = context.tables.tasks.get(keyOf(task));
    if (row === null || !isOpen(row) || row.bundle === null || row.has_bundle) return;
    const ended = await errands.run({ kind: "task_get", input: { blob: id, ours: true, offset } });
    if (!ended.done) throw keeperless(ended.why);
    const { piece } = ended.output;
    if (piece === null) return;
    const sent = await callAbout(parts, "blob/put", {
      input: { id, offset, data: piece.data },
      task,
    });
    if (sent.whole) {
      const now = instantOf(context.effects.clock);
      await context.transact(now, (work) => {
        const kept = work.tables.tasks.get(keyOf(task));
        if (kept !== null) work.tables.tasks.put({ ...kept, has_bundle: true });
        return { value: undefined };
      });
      return;
    }
    if (sent.have <= offset) return;
    offset = sent.have;
  }
}
