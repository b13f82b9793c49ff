/** Assembles the delegated tasks of a daemon, of both sides. */

import type { Control } from "../contract/control.ts";
import { accept, refuse } from "../contract/errors.ts";
import type { Handlers } from "../contract/operation/operation.ts";
import { runnable } from "../core/tasks/deciding.ts";
import type { Instant } from "../platform/effects.ts";
import type { PeerRow } from "../store/peers.ts";
import type { LocalCaller } from "./context/context.ts";
import type { Kinds } from "./outbox/kinds.ts";
import type { TaskAnswers, TaskCall } from "./tasks/calls.ts";
import { type Checking, checkHere } from "./tasks/checking.ts";
import { discardThere } from "./tasks/discarding.ts";
import { type Carrying, type TaskControlRow, taskControl } from "./tasks/handlers.ts";
import { getPiece, putPiece, type ToldBlobs } from "./tasks/hosted/blobs.ts";
import { stopRound } from "./tasks/hosted/ending.ts";
import { Hosting } from "./tasks/hosted/hosting.ts";
import { forbidsPeer, reviewTasks } from "./tasks/hosted/review.ts";
import { isInTrail, submitTask } from "./tasks/hosted/submitting.ts";
import { taskKinds } from "./tasks/kinds.ts";
import { takeEvent, takeResult } from "./tasks/outgoing/answers.ts";
import { Homing } from "./tasks/outgoing/homing.ts";
import { endParted } from "./tasks/outgoing/parting.ts";
import type { TaskParts } from "./tasks/parts.ts";
import { patient } from "./tasks/patience.ts";
import { sweepTasks, tasksDueInMs } from "./tasks/sweeping.ts";

/** The tasks of a daemon. */
export interface Delegating {
  readonly answers: TaskAnswers;
  readonly kinds: Pick<Kinds, "task_stop" | "task_event" | "task_result">;
  readonly handlers: Pick<Handlers<Control, LocalCaller>, TaskControlRow>;
  /** Goes on with the tasks from before a start. */
  begin(): void;
  /** Stops what pairing or policy no longer allow, at once. */
  review(): void;
  sweep(now: Instant): Promise<void>;
  dueInMs(now: Instant): number;
  /** True while a task here needs a keeper. */
  needsKeeper(): boolean;
  close(): void;
}

/** Assembles the tasks. Nothing runs before its start. */
export function delegatingOf(parts: TaskParts): Delegating {
  const { context } = parts;
  const hosting = new Hosting(parts);
  const homing = new Homing(parts);
  const errands = patient(context, parts.errands);
  const review = (): void => reviewTasks(parts);
  // A pairing that ends, or is paused, ends what runs by it: no sweep is waited for.
  const leave = context.events.listen(({ of }) => {
    if (of !== "commit") return;
    if (hasOpen()) reviewTasks(parts, forbidsPeer);
    endParted(parts);
  });
  const hasOpen = (): boolean => context.tables.tasks.open("in").length > 0;
  // The end of a task that is under way there comes home by the keeper.
  const isAwaited = (): boolean =>
    context.tables.tasks.open("out").some(({ reason }) => reason !== "unreached");
  return {
    answers: answersOf(parts, { hosting, homing }),
    kinds: taskKinds(parts),
    handlers: taskControl({ ...parts, errands }, { hosting, homing, during: errands.during }),
    begin: () => {
      review();
      endParted(parts);
      hosting.wake();
      homing.begin();
    },
    review,
    sweep: async (now) => {
      if (hasOpen()) review();
      endParted(parts);
      await sweepTasks(parts, now);
      hosting.wake();
    },
    dueInMs: (now) => tasksDueInMs(parts, now),
    needsKeeper: () =>
      errands.waiting() > 0 ||
      hasOpen() ||
      isAwaited() ||
      context.tables.tasks.due("out").length > 0,
    close: () => {
      leave();
      hosting.close();
      homing.close();
    },
  };
}

/** The answers to peers. */
function answersOf(parts: TaskParts, { hosting, homing }: Omit<Carrying, "during">): TaskAnswers {
  const onAccepted = (): void => hosting.wake();
  const checking: Checking = new Set();
  const told: ToldBlobs = new Set();
  const submit = (isFurther: boolean): TaskAnswers["task/submit"] => {
    return (input, call) => submitTask(parts, { input, call, isFurther, onAccepted });
  };
  return {
    "task/submit": submit(false),
    "task/say": submit(true),
    "task/check": (input, call) => checkHere(parts, input, { call, checking }),
    "task/stop": ({ task_id }, call) => stopForPeer(parts, task_id, call),
    "task/discard": (input, call) => discardThere(parts, input, call),
    "task/event": (input, call) => takeEvent(parts, input, call),
    "task/result": (input, call) =>
      takeResult(parts, input, { call, onEnd: (task) => homing.bring(task) }),
    "blob/put": (input, call) => putPiece(parts, input, { call, onAccepted }),
    "blob/get": (input, call) => getPiece(parts, input, { call, told }),
  };
}

/**
 * Stops a task at its asker's word. A task that is not here may still be on its way: its id is
 * recorded as that of a cancelled one, and nothing is taken under it any more. A machine that may
 * run nothing has none on its way, and writes no record here.
 */
const stopForPeer = (parts: TaskParts, taskId: string, call: TaskCall) =>
  call.asPeer((peer, work) => {
    const row = work.tables.tasks.latest("in", taskId);
    work.after(() => parts.counts.answered(peer.fingerprint, call.now));
    const mayRun = !peer.grants.paused && mayRunAny(parts, peer);
    if (row === null && mayRun && !isInTrail(work.tables, taskId)) {
      const draft = { direction: "in", verb: "task", outcome: "cancelled" } as const;
      const details = { reason: "asker" };
      work.record({ ...draft, subject_id: taskId, ...call.originOf(peer), details });
    }
    if (row?.fingerprint !== peer.fingerprint) return refuse("id_unknown");
    const { state, reason } = stopRound(parts, { work, now: call.now, row }, "asker");
    return accept({ state, reason });
  });

/** True for a peer that some rule lets run something here. */
function mayRunAny({ policy }: TaskParts, { fingerprint }: PeerRow): boolean {
  const current = policy.of(fingerprint);
  return current !== null && runnable(current).length > 0;
}
