/** The three kinds of entries about tasks: a state, an end, and the request to stop. */

import { TaskResult } from "../../contract/tasks/task.ts";
import { TaskAnswer } from "../../contract/tasks/wire.ts";
import { isOpen, isUnstarted, type RoundKey, type Task } from "../../core/tasks/task.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { Composing, Ending, Kind, Kinds } from "../outbox/kinds.ts";
import { forbids } from "./hosted/review.ts";
import { tell } from "./outgoing/answers.ts";
import { move, recordTask, type TaskParts } from "./parts.ts";

/** The kinds of entries about tasks. */
export const taskKinds = (
  parts: TaskParts,
): Pick<Kinds, "task_stop" | "task_event" | "task_result"> => ({
  task_event: eventKind(parts),
  task_result: resultKind(parts),
  task_stop: stopKind(parts),
});

/** The round of an entry; only `parts.ts` and the asking side write this body. */
const keyIn = (direction: RoundKey["direction"], body: string): RoundKey => ({
  // Only this capability writes such bodies.
  ...(JSON.parse(body) as Omit<RoundKey, "direction">),
  direction,
});

const rowOf = (
  { work, entry }: Pick<Composing, "work" | "entry">,
  direction: RoundKey["direction"],
): Task | null => {
  const row = work.tables.tasks.get(keyIn(direction, entry.body));
  return row?.fingerprint === entry.fingerprint ? row : null;
};

const ageOf = ({ context }: TaskParts, { state_ms }: Task, now: Ending["now"]): number =>
  Math.max(0, elapsedAt(context, now) - state_ms);

/** Notes that the peer knows, or never will. */
function untold({ work, entry }: Pick<Composing, "work" | "entry">, kind: Task["due"]): void {
  const row = rowOf({ work, entry }, "in");
  if (row?.due === kind) work.tables.tasks.put({ ...row, due: null });
}

function eventKind(parts: TaskParts): Kind {
  return {
    compose: (composing) => {
      const row = rowOf(composing, "in");
      if (row === null) return null;
      const { task_id, round, version, state, reason } = row;
      const age_ms = ageOf(parts, row, composing.now);
      return (call) => call("task/event", { task_id, round, version, state, reason, age_ms });
    },
    ended: (work, entry, { end }) => {
      if (end !== "expired") untold({ work, entry }, "task_event");
    },
  };
}

function resultKind(parts: TaskParts): Kind {
  return {
    compose: (composing) => {
      const row = rowOf(composing, "in");
      if (row === null) return null;
      const { task_id, round, version, state, result, blob } = row;
      // A machine that may run nothing here any more learns the state alone.
      const reason = forbids(parts, row);
      if (reason !== null || result === null || blob === null) {
        const age_ms = ageOf(parts, row, composing.now);
        return (call) => call("task/event", { task_id, round, version, state, reason, age_ms });
      }
      const short = TaskResult.parse(JSON.parse(result));
      return (call) => call("task/result", { task_id, round, result: short, blob });
    },
    ended: (work, entry, { end }) => {
      if (end !== "expired") untold({ work, entry }, "task_result");
    },
  };
}

/** The request to stop an own task, and the state that its machine answers. */
function stopKind(parts: TaskParts): Kind {
  return {
    compose: (composing) => {
      const row = rowOf(composing, "out");
      if (row === null || !isOpen(row)) return null;
      return (call) => call("task/stop", { task_id: row.task_id });
    },
    ended: (work, entry, { end, reply, error, now }) => {
      const row = rowOf({ work, entry }, "out");
      if (row === null || !isOpen(row)) return;
      const told = TaskAnswer.safeParse(reply).data;
      const isOver = end === "done" && told !== undefined && isUnstarted(told);
      // A machine that does not know the task never ran it.
      const isUnknown = end === "refused" && error?.code === "id_unknown";
      if (!isOver && !isUnknown) return;
      const ended = move(parts, { work, now }, { task: row, state: "cancelled", reason: "asked" });
      recordTask(parts, { work, now }, { task: ended, outcome: "cancelled" });
      tell(parts, { work, now }, ended);
    },
  };
}
