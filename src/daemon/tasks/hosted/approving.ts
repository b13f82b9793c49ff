/** A person of this machine approves or refuses a task of a peer: exactly what was shown. */

import type { Control } from "../../../contract/control.ts";
import { accept, type Outcome, PeernetError, refuse, settle } from "../../../contract/errors.ts";
import type { InputOf } from "../../../contract/operation/operation.ts";
import { approvalDigest, standingDigest } from "../../../core/tasks/decision.ts";
import { isWaiting, shortTask, type Task } from "../../../core/tasks/task.ts";
import { noteAct } from "../../context/acts.ts";
import type { LocalCaller, Work } from "../../context/context.ts";
import { keyOf, move, recordTask, type TaskParts } from "../parts.ts";
import { stopRound } from "./ending.ts";
import { firstState } from "./submitting.ts";
import { documentOf, permitNow, standingKey, type Weighed, weigh } from "./weighing.ts";

/** An act of a person on a task of a peer. */
export interface Acting {
  readonly task: Task;
  readonly caller: LocalCaller;
  readonly onAccepted: () => void;
}

/** Approves a held round as it was shown. @throws {task_state} {not_ready} */
export async function approveTask(
  parts: TaskParts,
  { task, caller, onAccepted }: Acting,
  input: InputOf<Control["tasks/approve"]>,
): Promise<Task> {
  const { context } = parts;
  requireShown(task, input);
  const document = documentOf(task);
  const peer = context.tables.peers.get(task.fingerprint);
  const permitted = document === null ? null : permitNow(parts, peer, document);
  if (permitted === null || !permitted.ok) {
    throw new PeernetError("task_state", {
      message: "the policy no longer allows it",
      hint: "peernet policy show",
    });
  }
  const weighed = await weigh(parts, task, permitted.value);
  if (weighed.is === "unready") {
    throw new PeernetError("not_ready", {
      message: "no keeper answers here",
      hint: "peernet start",
    });
  }
  const outcome = await context.transact(caller.now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    if (row?.state !== "held") return { value: refuse("task_state") };
    // Another approval may have found a change, and put it into the row, meanwhile.
    if (!isShown(row, input)) return { value: refuse("task_state", changed(row)) };
    const { approval, runner } = permitted.value;
    const approving = { row: { ...row, approval, runner }, weighed, caller, onAccepted };
    return { value: approved(parts, work, approving) };
  });
  return settle(outcome);
}

/** Refuses to approve anything but what was shown. @throws {task_state} */
function requireShown(task: Task, input: InputOf<Control["tasks/approve"]>): void {
  if (task.state !== "held") {
    throw new PeernetError("task_state", { message: "that task waits for nobody" });
  }
  if (!isShown(task, input)) throw new PeernetError("task_state", changed(task));
}

const isShown = (task: Task, input: InputOf<Control["tasks/approve"]>): boolean =>
  task.document_sha256 === input.document_sha256 && task.decision_sha256 === input.decision_sha256;

const changed = ({ task_id }: Task) => ({
  message: "what would run has changed since it was shown",
  hint: `look again: peernet task show ${shortTask(task_id)}`,
});

interface Approving {
  readonly row: Task;
  readonly weighed: Exclude<Weighed, { is: "unready" }>;
  readonly caller: LocalCaller;
  readonly onAccepted: () => void;
}

function approved(
  parts: TaskParts,
  work: Work,
  { row, weighed, caller, onAccepted }: Approving,
): Outcome<Task> {
  const { context } = parts;
  const doing = { work, now: caller.now };
  const { sha256 } = context.effects;
  if (weighed.is === "closed") {
    const [gate] = weighed.gates;
    return refuse("task_state", {
      message: gate?.detail ?? "it cannot run now",
      hint: "mend that, then approve it again",
    });
  }
  const { decision, text, sha256: decision_sha256 } = weighed;
  const decided = { decision: text, decision_sha256, approval: row.approval, runner: row.runner };
  if (decision_sha256 !== row.decision_sha256) {
    move(parts, doing, { task: row, state: "held", reason: "changed", more: decided });
    return refuse("task_state", changed(row));
  }
  const { document_sha256, fingerprint } = row;
  const digest = approvalDigest({ document_sha256, decision_sha256 }, sha256);
  if (row.approval === "once") {
    const standing = standingDigest(decision, sha256);
    work.tables.tasks.putStanding(standingKey(fingerprint, decision), standing);
  }
  const more = { ...decided, approved: digest };
  const task = move(parts, doing, { task: row, state: "accepted", more });
  recordTask(parts, doing, {
    task,
    ...{ outcome: "approved", direction: "local", content_sha256: digest },
    details: { attended: caller.attended === true, approval: row.approval },
  });
  work.after(() => {
    noteAct(context, caller, actOn(task, "approved"));
    onAccepted();
  });
  return accept(task);
}

const actOn = ({ peer_name: name, fingerprint, task_id }: Task, did: string) =>
  ({ verb: "task", name, fingerprint, may: `${did} ${shortTask(task_id)}` }) as const;

/** Refuses a round that has not started. @throws {task_state} */
export async function refuseTask(
  parts: TaskParts,
  { task, caller }: Omit<Acting, "onAccepted">,
): Promise<Task> {
  const outcome = await parts.context.transact(caller.now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    const doing = { work, now: caller.now };
    if (row === null || !isWaiting(row)) return { value: refuse("task_state") };
    const ended = move(parts, doing, { task: row, state: "refused", reason: "person" });
    recordTask(parts, doing, { task: ended, outcome: "refused", direction: "local" });
    work.after(() => noteAct(parts.context, caller, actOn(ended, "refused")));
    return { value: accept(ended) };
  });
  return settle(outcome);
}

/** Stops a round of a peer at a person's word. */
export async function stopHere(parts: TaskParts, task: Task, caller: LocalCaller): Promise<Task> {
  return parts.context.transact(caller.now, (work) => {
    const row = work.tables.tasks.get(keyOf(task)) ?? task;
    return { value: stopRound(parts, { work, now: caller.now, row }, "person") };
  });
}

/** Weighs a round whose bundle is whole, and moves it on. */
export async function bundleCame(
  parts: TaskParts,
  {
    task,
    now,
    onAccepted,
  }: { readonly task: Task; readonly now: Acting["caller"]["now"] } & Pick<Acting, "onAccepted">,
): Promise<void> {
  const { context } = parts;
  const document = documentOf(task);
  const peer = context.tables.peers.get(task.fingerprint);
  const permitted = document === null ? null : permitNow(parts, peer, document);
  const weighed =
    permitted?.ok === true
      ? await weigh(parts, { ...task, has_bundle: true }, permitted.value)
      : null;
  // Without a keeper the last piece is asked for again.
  if (weighed?.is === "unready") throw new PeernetError("not_ready");
  await context.transact(now, (work) => {
    const row = work.tables.tasks.get(keyOf(task));
    if (row?.state !== "submitted") return { value: undefined };
    const doing = { work, now };
    const held = { ...row, has_bundle: true };
    if (weighed === null) {
      const ended = move(parts, doing, { task: held, state: "refused", reason: "policy" });
      recordTask(parts, doing, { task: ended, outcome: "refused" });
      return { value: undefined };
    }
    const { state, reason } = firstState(parts, work, { task: held, weighed });
    const decided =
      weighed.is === "open" ? { decision: weighed.text, decision_sha256: weighed.sha256 } : {};
    const moved = move(parts, doing, { task: held, state, reason, more: decided });
    recordTask(parts, doing, { task: moved, outcome: state, details: { reason } });
    if (state === "accepted") work.after(onAccepted);
    return { value: undefined };
  });
}
