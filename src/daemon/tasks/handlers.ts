/** Handlers of the control rows about tasks. Maps results to answers; decides nothing. */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { Handlers, OutputOf } from "../../contract/operation/operation.ts";
import { homeFault } from "../../core/tasks/homecoming.ts";
import { isOpen, type Task } from "../../core/tasks/task.ts";
import type { Instant } from "../../platform/effects.ts";
import type { LocalCaller } from "../context/context.ts";
import { checkTask } from "./checking.ts";
import { discardTask } from "./discarding.ts";
import { approveTask, refuseTask, stopHere } from "./hosted/approving.ts";
import type { Hosting } from "./hosted/hosting.ts";
import { logOf } from "./log.ts";
import { type Handed, runTask, sayTask } from "./outgoing/asking.ts";
import { bringHome } from "./outgoing/home.ts";
import type { Homing } from "./outgoing/homing.ts";
import { keeperless } from "./outgoing/packing.ts";
import { stopThere } from "./outgoing/stopping.ts";
import { keyOf, type TaskParts } from "./parts.ts";
import type { PatientErrands } from "./patience.ts";
import { foundTask, listedTasks, reportOf, shownTask, wholeTask } from "./shown.ts";

/** Rows of the control table about tasks. */
export type TaskControlRow =
  | ("tasks" | "tasks/run" | "tasks/say" | "tasks/check" | "tasks/show" | "tasks/get")
  | ("tasks/log" | "tasks/stop" | "tasks/fetch" | "tasks/discard" | "tasks/approve")
  | ("tasks/refuse" | "tasks/runners");

/** The parts that carry tasks on. */
export interface Carrying {
  readonly hosting: Hosting;
  readonly homing: Homing;
  readonly during: PatientErrands["during"];
}

/** The handlers. */
export function taskControl(
  parts: TaskParts,
  carrying: Carrying,
): Pick<Handlers<Control, LocalCaller>, TaskControlRow> {
  const shown = (task: Task, now: Instant) => ({ task: shownTask(parts, task, now) });
  return {
    ...askingHandlers(parts, carrying),
    tasks: async (input, { now }) => listedTasks(parts, input, now),
    "tasks/show": async ({ task }, { now }) => wholeTask(parts, foundTask(parts, task), now),
    "tasks/get": async ({ task }, { now }) => reportOf(parts, foundTask(parts, task, "out"), now),
    "tasks/log": (input, { now }) => logOf(parts, foundTask(parts, input.task), { input, now }),
    "tasks/stop": async ({ task: key }, caller) => {
      const task = foundTask(parts, key);
      const stop = task.direction === "in" ? stopHere : stopThere;
      return shown(await stop(parts, task, caller), caller.now);
    },
    "tasks/discard": async ({ task }, caller) =>
      shown(await discardTask(parts, foundTask(parts, task), caller), caller.now),
    "tasks/approve": async (input, caller) => {
      const onAccepted = (): void => carrying.hosting.wake();
      const acting = { task: foundTask(parts, input.task, "in"), caller, onAccepted };
      return shown(await approveTask(parts, acting, input), caller.now);
    },
    "tasks/refuse": async ({ task }, caller) =>
      shown(await refuseTask(parts, { task: foundTask(parts, task, "in"), caller }), caller.now),
    "tasks/runners": async () => {
      const ended = await parts.errands.run({ kind: "task_runners", input: {} });
      if (!ended.done) throw keeperless(ended.why);
      return ended.output;
    },
  };
}

function askingHandlers(
  parts: TaskParts,
  { homing, during }: Carrying,
): Pick<Handlers<Control, LocalCaller>, "tasks/run" | "tasks/say" | "tasks/check" | "tasks/fetch"> {
  const handed = (
    { task, left_out, sent_bytes }: Handed,
    { now }: LocalCaller,
  ): OutputOf<Control["tasks/run"]> => {
    if (!task.has_bundle) homing.send(task);
    return { task: shownTask(parts, task, now), base: task.base, left_out, sent_bytes };
  };
  return {
    "tasks/run": (input, caller) =>
      during(async () => handed(await runTask(parts, input, caller), caller)),
    "tasks/say": (input, caller) =>
      during(async () => {
        const latest = foundTask(parts, input.task, "out");
        return handed(await sayTask(parts, latest, { ...input, now: caller.now }), caller);
      }),
    "tasks/check": (input, caller) => during(() => checkTask(parts, input, caller)),
    "tasks/fetch": async ({ task: key }, { now }) => {
      const found = foundTask(parts, key, "out");
      if (isOpen(found) || found.result === null) {
        throw new PeernetError("task_state", { message: "that task has no end here yet" });
      }
      const task = found.home === "failed" ? await dueAgain(parts, found, now) : found;
      const home = task.home === "due" ? await bringHome(parts, task) : task;
      const fault = homeFault(home);
      if (fault !== null) {
        const message = `its commit is not here: ${fault.says}`;
        throw new PeernetError("task_state", { message, hint: fault.fix });
      }
      return { task: shownTask(parts, home, now), ref: home.ref, root: home.root };
    },
  };
}

/** Lets a failed fetch be tried once more. */
const dueAgain = ({ context }: TaskParts, task: Task, now: Instant): Promise<Task> =>
  context.transact(now, ({ tables }) => {
    const row = tables.tasks.get(keyOf(task)) ?? task;
    const due = { ...row, home: "due", home_reason: null } as const;
    tables.tasks.put(due);
    return { value: due };
  });
