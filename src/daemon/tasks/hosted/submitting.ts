/**
 * Takes a task of a peer: the same id and digest again repeat its state, and the row with its
 * record is durable before anything starts. Starts nothing itself.
 */

import {
  accept,
  isErrorCode,
  type Outcome,
  PeernetError,
  refuse,
  refuseWith,
} from "../../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../../contract/operation/operation.ts";
import {
  blobsBytesMax,
  blobsOfPeerBytesMax,
  taskDayMs,
  waitingOfPeerMax,
} from "../../../contract/tasks/limits.ts";
import { TaskDocument } from "../../../contract/tasks/task.ts";
import { hex } from "../../../contract/text/encoding.ts";
import type { Wire } from "../../../contract/wire.ts";
import { type Permitted, runnable } from "../../../core/tasks/deciding.ts";
import { isEnd, isOpen, isWaiting, shortTask, type Task } from "../../../core/tasks/task.ts";
import type { PeerRow } from "../../../store/peers.ts";
import type { Context, Work } from "../../context/context.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import type { TaskCall } from "../calls.ts";
import { keyOf, recordTask, type TaskParts, waitingOf } from "../parts.ts";
import { isHeld, type PermittedNow, permitNow, type Weighed, weigh } from "./weighing.ts";

type Input = InputOf<Wire["task/submit"]>;
type Answer = OutputOf<Wire["task/submit"]>;

/** A submission, and the part that starts what was accepted. */
export interface Submitting {
  readonly input: Input;
  readonly call: TaskCall;
  /** True for a further round of a task. */
  readonly isFurther: boolean;
  readonly onAccepted: () => void;
}

/** Takes a task. @throws the refusal, after it was recorded or counted */
export async function submitTask(parts: TaskParts, submitting: Submitting): Promise<Answer> {
  const { call } = submitting;
  const before = await call.asPeer((peer, work) =>
    counted(parts, submitting, {
      peer,
      work,
      outcome: admitted(parts, submitting, { peer, work }),
    }),
  );
  if (before.known !== null) return answerOf(before.known);
  const { document, base, permitted } = before;
  const round = { ...roundOf(document, base), has_bundle: false };
  const weighed = await weigh(parts, round, permitted);
  return call.asPeer((peer, work) => {
    // Policy, pairing and the other tasks may have changed while the keeper looked.
    const again = admitted(parts, submitting, { peer, work });
    const outcome = again.ok
      ? again.value.known !== null
        ? accept(answerOf(again.value.known))
        : stored(parts, submitting, { peer, work, weighed, admitted: again.value })
      : again;
    return counted(parts, submitting, { peer, work, outcome });
  });
}

const answerOf = ({ state, reason }: Pick<Task, "state" | "reason">): Answer => ({ state, reason });

const roundOf = (document: TaskDocument, base: string | null) => ({
  ...{ task_id: document.task_id, round: document.round, profile: document.profile, base },
  bundle: document.bundle,
});

interface Decided<T> {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly outcome: Outcome<T>;
}

/** The outcome, counted or recorded when it is a refusal. */
function counted<T>(
  { counts }: TaskParts,
  { input, call }: Submitting,
  { peer, work, outcome }: Decided<T>,
): Outcome<T> {
  if (!outcome.ok) {
    const draft = { direction: "in", verb: "task", subject_id: input.task_id } as const;
    const refusal = { ...draft, ...call.originOf(peer), peer, outcome: outcome.error.code };
    counts.refused(work, refusal, call.now);
  }
  return outcome;
}

type Admitted =
  | { readonly known: Task }
  | {
      readonly known: null;
      readonly document: TaskDocument;
      readonly base: string | null;
      readonly permitted: PermittedNow;
    };

/** A task that may be weighed, or the one that it repeats. */
function admitted(
  parts: TaskParts,
  { input, isFurther, call }: Submitting,
  { peer, work }: { readonly peer: PeerRow; readonly work: Work },
): Outcome<Admitted> {
  const { context } = parts;
  const document = parsedDocument(context, input);
  if (document === null) return refuse("bad_request", { message: "that is no task's document" });
  const { task_id, round } = document;
  const known = work.tables.tasks.get({ direction: "in", task_id, round });
  if (known !== null) {
    const isSame = known.fingerprint === peer.fingerprint && known.document_sha256 === input.digest;
    return isSame ? accept({ known }) : refuse("id_conflict");
  }
  const current = parts.policy.of(peer.fingerprint);
  const mayRun = current !== null && runnable(current).length > 0 && !peer.grants.paused;
  if (!mayRun) return refuse("scope_denied");
  const permitted = permitNow(parts, peer, document);
  if (!permitted.ok) return permitted;
  const begun = beginning(work, { document, isFurther, fingerprint: peer.fingerprint });
  if (!begun.ok) return begun;
  const fits = room(parts, work, { peer, document, permitted: permitted.value, now: call.now });
  if (!fits.ok) return fits;
  const base = permitted.value.place.kind === "folder" ? null : begun.value;
  if (base === null && permitted.value.place.kind === "repository") return refuse("bad_request");
  return accept({ known: null, document, base, permitted: permitted.value });
}

/** The document of a call, read once, after its digest fits; null for any other text. */
function parsedDocument({ effects }: Context, input: Input): TaskDocument | null {
  const bytes = new TextEncoder().encode(input.document);
  if (hex(effects.sha256(bytes)) !== input.digest) return null;
  let value: unknown = null;
  try {
    value = JSON.parse(input.document);
  } catch {
    return null;
  }
  const read = TaskDocument.strict().safeParse(value);
  const isOwn = read.success && read.data.task_id === input.task_id && read.data.hops === 0;
  return isOwn ? read.data : null;
}

interface Beginning {
  readonly document: TaskDocument;
  readonly isFurther: boolean;
  readonly fingerprint: string;
}

/** The commit at which a task began: each round is collected into one commit on it. */
function beginning(
  { tables }: Work,
  { document, isFurther, fingerprint }: Beginning,
): Outcome<string | null> {
  const { task_id, round } = document;
  const latest = tables.tasks.latest("in", task_id);
  if (!isFurther) {
    // The trail remembers what a restored database has forgotten.
    const isRecorded = latest !== null || isInTrail(tables, task_id);
    return isRecorded || round !== 1 ? refuse("id_conflict") : accept(document.base);
  }
  if (latest?.fingerprint !== fingerprint || latest.discarded) return refuse("id_unknown");
  if (isOpen(latest)) return refuse("task_state", { message: "its round before still goes on" });
  const isNext = round === latest.round + 1 && document.bundle === null;
  const isSame = document.repository === latest.repository && document.profile === latest.profile;
  if (!isNext || !isSame) return refuse("task_state", { message: "that is not its next round" });
  return accept(latest.base);
}

/** True when the trail has a task of that id; a refused submission is none. */
export const isInTrail = ({ audit }: Work["tables"], subjectId: string): boolean =>
  audit
    .newest({ subjectId, all: true }, recordsLookedAt)
    .some(({ outcome }) => !isErrorCode(outcome));

/** Records of one id that are looked at: a refusal is recorded once in its hour. */
const recordsLookedAt = 256;

interface Room {
  readonly peer: PeerRow;
  readonly document: TaskDocument;
  readonly permitted: Permitted;
  readonly now: TaskCall["now"];
}

/** Admits a task to the queue. Refuses with {task_limit} {storage_full}. */
function room(
  { context }: TaskParts,
  work: Work,
  { peer, document, permitted, now }: Room,
): Outcome<void> {
  const { tasks } = work.tables;
  const waiting = waitingOf(work, peer.fingerprint).filter(isWaiting);
  if (waiting.length >= waitingOfPeerMax) return refuse("task_limit");
  const day = tasks.since("in", elapsedAt(context, now) - taskDayMs);
  const isFull = permitted.bounds.find(
    ({ rule, perDay }) => day.filter((task) => hasRule(task, rule)).length >= perDay,
  );
  if (isFull !== undefined) {
    const message = "as many tasks as its policy allows in a day were asked there";
    return refuse("task_limit", { message, hint: "ask again tomorrow" });
  }
  const kept = tasks
    .since("in", -1)
    .filter((task) => !task.discarded && (isOpen(task) || task.blob !== null));
  const bytes = (all: readonly Task[]): number =>
    all.reduce((sum, task) => sum + (task.bundle?.bytes ?? 0) + (task.blob?.bytes ?? 0), 0);
  const more = document.bundle?.bytes ?? 0;
  const own = kept.filter(({ fingerprint }) => fingerprint === peer.fingerprint);
  const isOver = bytes(own) + more > blobsOfPeerBytesMax || bytes(kept) + more > blobsBytesMax;
  return isOver && more > 0 ? refuse("storage_full") : accept(undefined);
}

/** True when a rule is among those that let a task run. */
export const hasRule = ({ decision }: Pick<Task, "decision">, rule: string): boolean =>
  decision !== null && JSON.parse(decision).rules.includes(rule);

interface Storing {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly weighed: Weighed;
  readonly admitted: Extract<Admitted, { readonly known: null }>;
}

/** Stores a weighed task with its record; what was accepted starts after the commit. */
function stored(
  parts: TaskParts,
  { input, call, onAccepted }: Submitting,
  { peer, work, weighed, admitted: { document, base, permitted } }: Storing,
): Outcome<Answer> {
  if (weighed.is === "unready") return refuseWith(unready());
  const { context, counts } = parts;
  const nowMs = elapsedAt(context, call.now);
  const decided =
    weighed.is === "open" ? { decision: weighed.text, decision_sha256: weighed.sha256 } : null;
  const fresh: Task = {
    ...{ direction: "in", fingerprint: peer.fingerprint, peer_name: peer.name },
    ...{ ...roundOf(document, base), name: shortTask(document.task_id) },
    ...{ repository: document.repository, runner: permitted.runner, has_bundle: false },
    ...{ document: input.document, document_sha256: input.digest, asked_by: document.asked_by },
    ...(decided ?? { decision: null, decision_sha256: null }),
    ...{ approval: permitted.approval, approved: null, stop: null, result: null, blob: null },
    ...{ claim: null, tries: 0, due: null, discarded: false, root: null, ref: null },
    ...{ mailbox: { name: null, tree: null }, wakes: false, home: null, home_reason: null },
    ...{ told: true, version: 1, state: "submitted", reason: null, state_ms: nowMs },
    ...{ created_ms: nowMs, ended_ms: null },
  };
  const task = { ...fresh, ...firstState(parts, work, { task: fresh, weighed }) };
  const ended = isEnd(task.state) ? { ended_ms: nowMs } : {};
  work.tables.tasks.add({ ...task, ...ended });
  work.tables.tasks.addStep({ ...keyOf(task), ...answerOf(task), at_ms: nowMs });
  recordTask(
    parts,
    { work, now: call.now },
    {
      task,
      ...{ outcome: task.state, origin: call.originOf(peer), content_sha256: input.digest },
      details: {
        ...(decided === null ? {} : { decision_sha256: decided.decision_sha256 }),
        ...{ rules: permitted.rules, approval: permitted.approval },
        ...(weighed.is === "closed" ? { gates: weighed.gates.map(({ why }) => why) } : {}),
      },
    },
  );
  work.after(() => {
    counts.answered(peer.fingerprint, call.now);
    if (task.state === "accepted") onAccepted();
  });
  return accept(answerOf(task));
}

/** The state of a task that was weighed. */
export function firstState(
  parts: TaskParts,
  work: Work,
  { task, weighed }: { readonly task: Task; readonly weighed: Exclude<Weighed, { is: "unready" }> },
): Pick<Task, "state" | "reason"> {
  if (weighed.is === "closed") return { state: "refused", reason: weighed.gates[0]?.gate ?? null };
  if (task.bundle !== null && !task.has_bundle) return { state: "submitted", reason: null };
  const { decision, sha256: decision_sha256 } = weighed;
  const judged = { task, approval: task.approval, decision, decision_sha256 };
  return { state: isHeld(parts, work, judged) ? "held" : "accepted", reason: null };
}

/** The refusal while no keeper looks. */
export const unready = (): PeernetError =>
  new PeernetError("not_ready", {
    message: "its keeper does not answer",
    hint: "on that machine run: peernet start",
    details: { missing: "keeper" },
  });
