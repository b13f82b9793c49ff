/** Reads a task's output piece by piece, here or from the machine that runs it. */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { isEnd, isStarted, type Task } from "../../core/tasks/task.ts";
import type { Instant } from "../../platform/effects.ts";
import { callAbout } from "./outgoing/calling.ts";
import { keeperless } from "./outgoing/packing.ts";
import type { TaskParts } from "./parts.ts";
import { shownTask } from "./shown.ts";

/** The output from a byte on. @throws {task_state} {not_ready} {peer_unreachable} */
export async function logOf(
  parts: TaskParts,
  task: Task,
  { input, now }: { readonly input: InputOf<Control["tasks/log"]>; readonly now: Instant },
): Promise<OutputOf<Control["tasks/log"]>> {
  const round = input.round ?? task.round;
  const { offset } = input;
  const shown = { task: shownTask(parts, task, now), round };
  const nothing = { ...shown, text: "", next: offset, total: offset };
  // Before its start there is none, and that needs no call.
  if (round === task.round && !isStarted(task) && !isEnd(task.state)) {
    return { ...nothing, ended: false };
  }
  const piece = await pieceOf(parts, task, { round, offset });
  if (piece === null) return { ...nothing, ended: isEnd(task.state) };
  const bytes = Buffer.from(piece.data, "base64");
  const { length } = whole(bytes, piece.ended && offset + bytes.length >= piece.total);
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  const next = offset + length;
  return { ...shown, text, next, total: piece.total, ended: piece.ended && next >= piece.total };
}

async function pieceOf(
  parts: TaskParts,
  task: Task,
  { round, offset }: { readonly round: number; readonly offset: number },
) {
  const blob = { task_id: task.task_id, round, part: "log" } as const;
  if (task.direction === "in") {
    const input = { blob, ours: false, offset };
    const ended = await parts.errands.run({ kind: "task_get", input });
    if (!ended.done) throw keeperless(ended.why);
    return ended.output.piece;
  }
  return callAbout(parts, "blob/get", { input: { id: blob, offset }, task }).catch(
    (error: unknown) => {
      if (error instanceof PeernetError && error.code === "id_unknown") return null;
      throw error;
    },
  );
}

/** The bytes up to the last whole character; all of them at the end. */
function whole(bytes: Uint8Array, isLast: boolean): Uint8Array {
  if (isLast) return bytes;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}
