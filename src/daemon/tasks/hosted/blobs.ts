/** Pieces that cross: the bundle of a peer's task, and the result, commits and log of its own. */

import { accept, PeernetError, refuse } from "../../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../../contract/operation/operation.ts";
import { TaskResult } from "../../../contract/tasks/task.ts";
import type { Wire } from "../../../contract/wire.ts";
import { isWaiting, type Task } from "../../../core/tasks/task.ts";
import { instantOf } from "../../../platform/effects.ts";
import type { TaskCall } from "../calls.ts";
import { keyOf, recordTask, type TaskParts } from "../parts.ts";
import { bundleCame } from "./approving.ts";
import { unready } from "./submitting.ts";

type PutInput = InputOf<Wire["blob/put"]>;
type GetInput = InputOf<Wire["blob/get"]>;

/** Stores a piece of a declared bundle. @throws {id_unknown} {task_state} {not_ready} */
export async function putPiece(
  parts: TaskParts,
  { id, offset, data }: PutInput,
  { call, onAccepted }: { readonly call: TaskCall; readonly onAccepted: () => void },
): Promise<OutputOf<Wire["blob/put"]>> {
  const { errands, context } = parts;
  const task = await call.asPeer((peer, { tables }) => {
    const { task_id, round } = id;
    const row = tables.tasks.get({ direction: "in", task_id, round });
    if (row?.fingerprint !== peer.fingerprint) return refuse("id_unknown");
    const isDeclared = id.part === "bundle" && row.bundle !== null;
    return isDeclared && isWaiting(row) ? accept(row) : refuse("task_state");
  });
  const { bundle } = task;
  if (bundle === null) throw new PeernetError("task_state");
  if (task.has_bundle) return { have: bundle.bytes, whole: true };
  const input = { blob: id, ours: false, offset, data, whole: bundle };
  const ended = await errands.run({ kind: "task_put", input });
  if (!ended.done) throw unready();
  const { put, have } = ended.output;
  if (put === "disk") throw new PeernetError("storage_full");
  if (put === "wrong") throw new PeernetError("bad_request", { message: "that is another bundle" });
  if (put === "whole") {
    const now = instantOf(context.effects.clock);
    await bundleCame(parts, { task, now, onAccepted });
  }
  return { have, whole: put === "whole" };
}

/** Blobs of which the last piece was recorded. */
export type ToldBlobs = Set<string>;

/** Answers a piece of an own task. @throws {id_unknown} {not_ready} */
export async function getPiece(
  parts: TaskParts,
  { id, offset }: GetInput,
  { call, told }: { readonly call: TaskCall; readonly told: ToldBlobs },
): Promise<OutputOf<Wire["blob/get"]>> {
  const task = await call.asPeer((peer, { tables }) => {
    const { task_id, round } = id;
    const row = tables.tasks.get({ direction: "in", task_id, round });
    const isOwn = row?.fingerprint === peer.fingerprint && !row.discarded;
    return isOwn && id.part !== "bundle" && !peer.grants.paused
      ? accept(row)
      : refuse("id_unknown");
  });
  const ended = await parts.errands.run({
    ...{ kind: "task_get", input: { blob: id, ours: false, offset } },
  });
  if (!ended.done) throw unready();
  const { piece } = ended.output;
  if (piece === null) throw new PeernetError("id_unknown");
  const isLast = piece.ended && offset + sizeOf(piece.data) >= piece.total;
  const key = `${id.task_id} ${id.round} ${id.part}`;
  if (isLast && id.part !== "log" && !told.has(key)) {
    told.add(key);
    await call.asPeer((peer, work) => {
      recordTask(
        parts,
        { work, now: call.now },
        {
          task,
          ...{ outcome: "ok", origin: call.originOf(peer) },
          content_sha256: digestOf(task, id.part),
          details: { act: "blob", part: id.part, bytes: piece.total },
        },
      );
      return accept(undefined);
    });
  }
  return piece;
}

/** Bytes that a text in base64 stands for. */
export const sizeOf = (data: string): number =>
  (data.length / 4) * 3 - (data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0);

function digestOf({ blob, result }: Task, part: string): string | null {
  if (part === "result") return blob?.sha256 ?? null;
  const ended = result === null ? null : TaskResult.safeParse(JSON.parse(result)).data;
  return ended?.measured.bundle?.sha256 ?? null;
}

/** Forgets the texts of a task's rounds. */
export function forgetTexts(
  { tables }: Parameters<Parameters<TaskCall["asPeer"]>[0]>[1],
  task: Task,
): void {
  for (let { round } = task; round > 0; round--) {
    const row = tables.tasks.get({ ...keyOf(task), round });
    if (row === null) continue;
    tables.tasks.put({ ...row, document: null, result: null, discarded: true });
    tables.tasks.putWhole(row, null);
  }
}
