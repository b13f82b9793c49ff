/**
 * Takes over the states and the end of a task that this machine asked for. Each is good for an own
 * open row alone, and an end is taken once.
 */

import { accept, PeernetError, refuse } from "../../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../../contract/operation/operation.ts";
import type { Wire } from "../../../contract/wire.ts";
import { shortResult, tidingsOf } from "../../../core/tasks/crossing.ts";
import { placeOf } from "../../../core/tasks/homecoming.ts";
import { follows, isEnd, isOpen, isUnstarted, type Task } from "../../../core/tasks/task.ts";
import { instantOf } from "../../../platform/effects.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import type { TaskCall } from "../calls.ts";
import { endRecord } from "../hosted/ending.ts";
import { type Doing, keyOf, move, recordTask, type TaskParts } from "../parts.ts";
import { queueStop } from "./stopping.ts";

/** Codes after which a submission may have arrived all the same: it can be repeated. */
const unsure: readonly string[] = [
  ...["peer_unreachable", "peer_timeout", "rate_limited", "not_ready", "storage_full", "internal"],
  ...["peer_refused", "unauthenticated", "fingerprint_mismatch", "task_limit"],
];

/** Takes over the answer to a submission, or the refusal of one. */
export async function noteAnswer(
  parts: TaskParts,
  task: Task,
  answer: OutputOf<Wire["task/submit"]> | PeernetError,
): Promise<Task> {
  const { context } = parts;
  const now = instantOf(context.effects.clock);
  return context.transact(now, (work) => {
    const doing = { work, now };
    const row = work.tables.tasks.get(keyOf(task)) ?? task;
    // An event may have told more meanwhile.
    if (!isOpen(row) || row.state !== "submitted") return { value: row };
    if (answer instanceof PeernetError) {
      if (unsure.includes(answer.code)) {
        work.tables.tasks.put({ ...row, reason: "unreached" });
        return { value: { ...row, reason: "unreached" } };
      }
      const ended = move(parts, doing, { task: row, state: "refused", reason: answer.code });
      // The command itself tells it.
      work.tables.tasks.put({ ...ended, told: true });
      recordTask(parts, doing, { task: ended, outcome: answer.code });
      return { value: ended };
    }
    const { state, reason } = answer;
    if (state === "submitted" || (isEnd(state) && !isUnstarted(answer))) {
      const kept = { ...row, reason, state_ms: elapsedAt(context, now) };
      work.tables.tasks.put(kept);
      return { value: kept };
    }
    const moved = move(parts, doing, { task: row, state, reason, more: { version: 1 } });
    recordTask(parts, doing, { task: moved, outcome: state, details: { reason } });
    if (isEnd(state)) work.tables.tasks.put({ ...moved, told: true });
    // A stop that came before the round did found nothing to stop there.
    else if (row.stop !== null) queueStop(parts, doing, moved);
    return { value: moved };
  });
}

/** Takes a state that the machine of a task tells. Refuses with {id_unknown}. */
export const takeEvent = (
  parts: TaskParts,
  input: InputOf<Wire["task/event"]>,
  call: TaskCall,
): Promise<Record<string, never>> =>
  call.asPeer((peer, work) => {
    const { task_id, round, version, state, reason, age_ms } = input;
    const row = work.tables.tasks.get({ direction: "out", task_id, round });
    if (row?.fingerprint !== peer.fingerprint) return refuse("id_unknown");
    if (!follows(row, version)) return accept({});
    const doing = { work, now: call.now };
    const told = { state, reason, ageMs: age_ms, more: { version } };
    const moved = move(parts, doing, { task: row, ...told });
    if (isEnd(state)) {
      recordTask(parts, doing, { task: moved, outcome: state, details: { reason } });
      tell(parts, doing, moved);
    }
    return accept({});
  });

/** Takes the end of a round. Refuses with {id_unknown} {bad_request}. */
export const takeResult = (
  parts: TaskParts,
  { task_id, round, result, blob }: InputOf<Wire["task/result"]>,
  { call, onEnd }: { readonly call: TaskCall; readonly onEnd: (task: Task) => void },
): Promise<Record<string, never>> =>
  call.asPeer((peer, work) => {
    const row = work.tables.tasks.get({ direction: "out", task_id, round });
    if (row?.fingerprint !== peer.fingerprint) return refuse("id_unknown");
    // An end is taken once; a round that nobody heard of for a day may end all the same.
    const isOver = isEnd(row.state) && row.state !== "expired";
    if (isOver || row.result !== null || row.discarded) return accept({});
    const isOwn =
      result.task_id === task_id &&
      result.round === round &&
      result.document_sha256 === row.document_sha256;
    if (!isOwn) return refuse("bad_request", { message: "that is the end of another round" });
    const doing = { work, now: call.now };
    const { state, reason } = result;
    const ended = move(parts, doing, {
      task: row,
      ...{ state, reason },
      more: { result: JSON.stringify(shortResult(result)), blob, home: "due" },
    });
    recordTask(parts, doing, { task: ended, ...endRecord(result, blob.sha256) });
    // An end with commits is told once these are here.
    if (result.measured.bundle === null || row.root === null) tell(parts, doing, ended);
    work.after(() => onEnd(ended));
    return accept({});
  });

/** Tells the asking session of an end, once. */
export function tell(parts: TaskParts, { work, now }: Doing, task: Task): void {
  const row = work.tables.tasks.get(keyOf(task));
  if (row === null || row.told) return;
  work.tables.tasks.put({ ...row, told: true });
  const peer = work.tables.peers.get(row.fingerprint);
  const machine = peer?.name ?? row.peer_name;
  const text = tidingsOf(row.result === null ? row : JSON.parse(row.result), placeOf(row, machine));
  const { task_id, mailbox, wakes } = row;
  const from = { fingerprint: row.fingerprint, name: machine };
  parts.tidings().ended(work, { peer: from, task_id, mailbox, text, wakes }, now);
}
