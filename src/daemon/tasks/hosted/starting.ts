/**
 * Claims an accepted round: weighs it once more, and holds it again where a person approved
 * something else. The claim is durable before the keeper is asked.
 */

import type { TaskOrder } from "../../../contract/tasks/errands.ts";
import type { Task } from "../../../core/tasks/task.ts";
import type { Instant } from "../../../platform/effects.ts";
import type { Work } from "../../context/context.ts";
import { keyOf, move, recordTask, type TaskParts } from "../parts.ts";
import {
  documentOf,
  isHeld,
  type PermittedNow,
  permitNow,
  type Weighed,
  weigh,
} from "./weighing.ts";

/** A claimed round, and the order for its supervisor. */
export interface Claimed {
  readonly task: Task;
  readonly order: TaskOrder;
  /** The id of the errand that starts it: a keeper carries it out once. */
  readonly id: string;
}

/** Claims a round; null when it may not start, `unready` while no keeper looks. */
export async function claim(
  parts: TaskParts,
  task: Task,
  clock: () => Instant,
): Promise<Claimed | "unready" | null> {
  const { context } = parts;
  const document = documentOf(task);
  const peer = context.tables.peers.get(task.fingerprint);
  const permitted = document === null ? null : permitNow(parts, peer, document);
  if (permitted === null || !permitted.ok) return refused(parts, task, clock());
  const weighed = await weigh(parts, task, permitted.value);
  if (weighed.is === "unready") return "unready";
  const now = clock();
  return context.transact(now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    if (row?.state !== "accepted" || row.stop !== null) return { value: null };
    const again = document === null ? null : permitNow(parts, peerOf(work, row), document);
    const isSame =
      again?.ok === true && again.value.policy_sha256 === permitted.value.policy_sha256;
    // The policy changed while the keeper looked: it is weighed again at the next look.
    if (!isSame) return { value: null };
    const claiming = { row, weighed, permitted: again.value, prompt: document?.prompt ?? null };
    return { value: claimed(parts, { work, now }, claiming) };
  });
}

const peerOf = ({ tables }: Work, { fingerprint }: Task) => tables.peers.get(fingerprint);

/** The policy no longer permits it. */
async function refused(parts: TaskParts, task: Task, now: Instant): Promise<null> {
  return parts.context.transact(now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    if (row?.state !== "accepted") return { value: null };
    const ended = move(parts, { work, now }, { task: row, state: "refused", reason: "policy" });
    recordTask(
      parts,
      { work, now },
      { task: ended, outcome: "refused", details: { reason: "policy" } },
    );
    return { value: null };
  });
}

interface Claiming {
  readonly row: Task;
  readonly weighed: Exclude<Weighed, { is: "unready" }>;
  readonly permitted: PermittedNow;
  readonly prompt: string | null;
}

function claimed(
  parts: TaskParts,
  doing: { readonly work: Work; readonly now: Instant },
  { row, weighed, permitted, prompt }: Claiming,
): Claimed | null {
  const { work } = doing;
  if (weighed.is === "closed") {
    const reason = weighed.gates[0]?.gate ?? null;
    const ended = move(parts, doing, { task: row, state: "refused", reason });
    recordTask(parts, doing, { task: ended, outcome: "refused", details: { reason } });
    return null;
  }
  const { decision, text, sha256: decision_sha256 } = weighed;
  const { approval, runner } = permitted;
  const decided = { decision: text, decision_sha256, approval, runner };
  if (isHeld(parts, work, { task: row, approval, decision, decision_sha256 })) {
    const held = move(parts, doing, { task: row, state: "held", reason: "changed", more: decided });
    recordTask(parts, doing, { task: held, outcome: "held", details: { decision_sha256 } });
    return null;
  }
  const id = parts.context.effects.random.uuid();
  const task = move(parts, doing, { task: row, state: "claimed", more: { ...decided, claim: id } });
  const order: TaskOrder = {
    ...{ version: 1, task_id: row.task_id, round: row.round, place: permitted.place, decision },
    ...{ document_sha256: row.document_sha256, decision_sha256, prompt },
    session: sessionBefore(work, row),
  };
  return { task, order, id };
}

/** The runner's session of the round before. */
function sessionBefore({ tables }: Work, { task_id, round }: Task): string | null {
  const before = tables.tasks.get({ direction: "in", task_id, round: round - 1 });
  const ended = before?.result == null ? null : JSON.parse(before.result);
  const session: unknown = ended?.claims?.session ?? null;
  return typeof session === "string" ? session : null;
}
