/**
 * Hands a task to a peer. Row and record are durable before a byte leaves; a call that got no
 * answer is repeated under the same id, and never makes a second task.
 */

import { PeernetError, settle } from "../../../contract/errors.ts";
import { submitDeadlineMs, taskSaltBytes } from "../../../contract/tasks/limits.ts";
import type { RunInput, SayInput } from "../../../contract/tasks/local.ts";
import type { TaskDocument } from "../../../contract/tasks/task.ts";
import { base64url, hex } from "../../../contract/text/encoding.ts";
import { liveLeases } from "../../../core/sessions/lease.ts";
import { type Asker, askerOf, letTaskOut } from "../../../core/tasks/asking.ts";
import { isOpen, shortTask, type Task } from "../../../core/tasks/task.ts";
import type { Instant } from "../../../platform/effects.ts";
import type { PeerRow } from "../../../store/peers.ts";
import { type Context, type LocalCaller, nowOf } from "../../context/context.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import { documentOf } from "../hosted/weighing.ts";
import { keyOf, recordTask, type TaskParts } from "../parts.ts";
import { noteAnswer } from "./answers.ts";
import { askable, callAbout } from "./calling.ts";
import { type Packed, packed } from "./packing.ts";

/** A task that was handed over, and what went with it. */
export interface Handed {
  readonly task: Task;
  readonly left_out: number;
  readonly sent_bytes: number;
}

/** Hands over the first round of a task. @throws as the row `tasks/run` */
export async function runTask(
  parts: TaskParts,
  input: RunInput,
  { now }: LocalCaller,
): Promise<Handed> {
  const { context } = parts;
  const peer = await askable(parts, input.machine);
  const asker = askerNow(context, input.from, now);
  const known = input.task_id === null ? null : latestOf(context, input.task_id);
  if (known !== null) return { ...(await again(parts, { known, peer }, input)), ...nothingSent };
  const policy = parts.policy.of(peer.fingerprint);
  const { machine, repository, profile } = input;
  const leaving = { asker, machine, repository, profile, bundled: input.send, policy };
  const { wakes } = settle(letTaskOut(leaving));
  const task_id = input.task_id ?? context.effects.random.uuid();
  const source = await packed(parts, { ...input, task_id });
  const document: TaskDocument = {
    ...{ version: 1, task_id, round: 1, repository, base: source.base, bundle: source.bundle },
    ...{ prompt: input.prompt, salt: saltOf(context), profile, runner: input.runner },
    limits: { wall_ms: input.wall_ms, usd: input.usd },
    ...{ hops: 0, asked_by: { handle: asker.handle, person: asker.person } },
  };
  const name = input.name ?? shortTask(task_id);
  const made = { peer, asker, document, name, source, wakes };
  const task = await stored(parts, made, now);
  const handed = await submitted(parts, task);
  const { left_out, bundle } = source;
  return { task: handed, left_out, sent_bytes: bundle?.bytes ?? 0 };
}

const nothingSent = { left_out: 0, sent_bytes: 0 };

/** Hands over another round of an ended task. @throws as the row `tasks/say` */
export async function sayTask(
  parts: TaskParts,
  latest: Task,
  input: SayInput & { readonly now: Instant },
): Promise<Handed> {
  const { context } = parts;
  const peer = context.tables.peers.get(latest.fingerprint);
  if (peer === null) throw new PeernetError("peer_unknown");
  const asker = askerNow(context, input.from, input.now);
  const round = input.round ?? latest.round + (isOpen(latest) ? 0 : 1);
  if (round === latest.round) {
    const isSame = documentOf(latest)?.prompt === input.prompt && input.round !== null;
    if (!isSame) {
      throw new PeernetError("task_state", {
        message: "its round before still goes on",
        hint: `wait for its end, or peernet task stop ${latest.name}`,
      });
    }
    return { task: await submitted(parts, latest), ...nothingSent };
  }
  if (latest.discarded || round !== latest.round + 1) throw new PeernetError("task_state");
  const before = documentOf({ document: latest.document });
  const { repository, profile, name } = latest;
  const policy = parts.policy.of(peer.fingerprint);
  const leaving = { asker, machine: peer.name, repository, profile, bundled: false, policy };
  const { wakes } = settle(letTaskOut(leaving));
  const document: TaskDocument = {
    ...{ version: 1, task_id: latest.task_id, round, repository, base: null, bundle: null },
    ...{ prompt: input.prompt, salt: saltOf(context), profile, runner: latest.runner },
    limits: before?.limits ?? { wall_ms: null, usd: null },
    ...{ hops: 0, asked_by: { handle: asker.handle, person: asker.person } },
  };
  const source = { root: latest.root, base: latest.base, bundle: null, left_out: 0 };
  const task = await stored(parts, { peer, asker, document, name, source, wakes }, input.now);
  return { task: await submitted(parts, task), ...nothingSent };
}

const saltOf = ({ effects }: Context): string => base64url(effects.random.bytes(taskSaltBytes));

const latestOf = ({ tables }: Context, taskId: string): Task | null =>
  tables.tasks.latest("out", taskId);

/** The asker of a command. @throws {no_handle} {bad_request} */
export const askerNow = (
  context: Context,
  from: Parameters<typeof askerOf>[1],
  now: Instant,
): Asker => settle(askerOf(liveLeases(context.tables.leases.all(), nowOf(context, now)), from));

/** Repeats a call under an id that was used before. @throws {id_conflict} for another task */
async function again(
  parts: TaskParts,
  { known, peer }: { readonly known: Task; readonly peer: PeerRow },
  input: RunInput,
): Promise<{ readonly task: Task }> {
  const { repository, profile, prompt } = input;
  const isSame =
    known.fingerprint === peer.fingerprint &&
    known.repository === repository &&
    known.profile === profile &&
    documentOf(known)?.prompt === prompt;
  if (!isSame) throw new PeernetError("id_conflict");
  return { task: await submitted(parts, known) };
}

interface Made {
  readonly peer: PeerRow;
  readonly asker: Asker;
  readonly document: TaskDocument;
  readonly name: string;
  readonly source: Packed;
  readonly wakes: boolean;
}

/** Stores a round with the record of its leaving. */
async function stored(
  parts: TaskParts,
  { peer, asker, document, name, source, wakes }: Made,
  now: Instant,
): Promise<Task> {
  const { context } = parts;
  const text = JSON.stringify(document);
  const nowMs = elapsedAt(context, now);
  const digest = hex(context.effects.sha256(new TextEncoder().encode(text)));
  const { task_id, round, repository, profile, runner, bundle, asked_by } = document;
  const task: Task = {
    ...{ direction: "out", task_id, round, fingerprint: peer.fingerprint, peer_name: peer.name },
    ...{ name, repository, profile, runner, document: text, document_sha256: digest, bundle },
    ...{ decision: null, decision_sha256: null, approval: "none", approved: null, asked_by },
    ...{ state: "submitted", reason: null, version: 0, state_ms: nowMs, stop: null },
    ...{ result: null, blob: null, has_bundle: bundle === null, base: source.base },
    ...{ claim: null, tries: 0, due: null, discarded: false, root: source.root, ref: null },
    ...{ mailbox: asker.mailbox, wakes, home: null, home_reason: null, told: false },
    ...{ created_ms: nowMs, ended_ms: null },
  };
  await context.transact(now, (work) => {
    work.tables.tasks.add(task);
    work.tables.tasks.addStep({
      ...keyOf(task),
      ...{ state: "submitted", reason: null },
      at_ms: nowMs,
    });
    recordTask(parts, { work, now }, { task, outcome: "asked", content_sha256: digest });
    return { value: undefined };
  });
  return task;
}

/** A task without a commit was refused: the name means a repository there. */
const noClone = ({ repository, peer_name }: Task): PeernetError =>
  new PeernetError("bad_request", {
    message: `this folder is in no clone, and ${repository} on ${peer_name} is a repository`,
    hint: `cd to your clone of ${repository}, then run it again`,
  });

/** Sends a stored round, and takes over the answer. @throws the refusal; the row then has ended */
export async function submitted(parts: TaskParts, task: Task): Promise<Task> {
  const { task_id, document, document_sha256: digest } = task;
  // A round that has ended here must not begin there.
  if (document === null || !isOpen(task)) return task;
  const path = task.round === 1 ? "task/submit" : "task/say";
  const input = { task_id, document, digest };
  const calling = { task, deadlineMs: submitDeadlineMs };
  try {
    const answer = await callAbout(parts, path, { input, ...calling });
    return await noteAnswer(parts, task, answer);
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    await noteAnswer(parts, task, error);
    throw error.code === "bad_request" && task.root === null ? noClone(task) : error;
  }
}
