/** Assembles the delegated tasks of a daemon, of both sides. */

import type { Control } from "../contract/control.ts";
import { PeernetError } from "../contract/errors.ts";
import type { Handlers } from "../contract/operation/operation.ts";
import type { LocalCaller } from "./context/context.ts";
import type { Kinds } from "./outbox/kinds.ts";
import type { TaskAnswers } from "./tasks/calls.ts";

type Rows =
  | ("tasks" | "tasks/run" | "tasks/say" | "tasks/check" | "tasks/show" | "tasks/get")
  | ("tasks/log" | "tasks/stop" | "tasks/fetch" | "tasks/discard" | "tasks/approve")
  | ("tasks/refuse" | "tasks/runners");

/** The tasks of a daemon. */
export interface Delegating {
  readonly answers: TaskAnswers;
  readonly kinds: Pick<Kinds, "task_stop" | "task_event" | "task_result">;
  readonly handlers: Pick<Handlers<Control, LocalCaller>, Rows>;
}

const unready = async (): Promise<never> => {
  throw new PeernetError("not_ready");
};
const unsent = { compose: () => null, ended: () => {} };

/** Assembles the tasks. */
export function delegatingOf(): Delegating {
  return {
    answers: {
      ...{ "task/submit": unready, "task/say": unready, "task/check": unready },
      ...{ "task/stop": unready, "task/discard": unready, "task/event": unready },
      ...{ "task/result": unready, "blob/put": unready, "blob/get": unready },
    },
    kinds: { task_stop: unsent, task_event: unsent, task_result: unsent },
    handlers: {
      ...{ "tasks/run": unready, "tasks/say": unready, "tasks/check": unready },
      tasks: async () => ({ tasks: [], more: false }),
      ...{ "tasks/show": unready, "tasks/get": unready, "tasks/log": unready },
      ...{ "tasks/stop": unready, "tasks/fetch": unready, "tasks/discard": unready },
      ...{ "tasks/approve": unready, "tasks/refuse": unready, "tasks/runners": unready },
    },
  };
}
