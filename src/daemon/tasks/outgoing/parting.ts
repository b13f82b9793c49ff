/** Ends the own tasks of a machine that is no peer any more: no end of theirs can come. */

import { isOpen, type Task } from "../../../core/tasks/task.ts";
import { instantOf } from "../../../platform/effects.ts";
import { detach } from "../../context/detached.ts";
import { forbidsPeer } from "../hosted/review.ts";
import { keyOf, move, recordTask, type TaskParts } from "../parts.ts";
import { tell } from "./answers.ts";

/** Ends what a former peer was asked for, and tells each asking session. */
export function endParted(parts: TaskParts): void {
  const { context } = parts;
  const isParted = (task: Task): boolean => forbidsPeer(parts, task) === "unpaired";
  const parted = context.tables.tasks.open("out").filter(isParted);
  if (parted.length === 0) return;
  const now = instantOf(context.effects.clock);
  detach(context.effects.log, "ending a task", () =>
    context.transact(now, (work) => {
      for (const task of parted) {
        const row = work.tables.tasks.get(keyOf(task));
        if (row === null || !isOpen(row) || !isParted(row)) continue;
        const doing = { work, now };
        const ended = move(parts, doing, { task: row, state: "cancelled", reason: "unpaired" });
        recordTask(parts, doing, { task: ended, outcome: "cancelled", details: unpaired });
        tell(parts, doing, ended);
      }
      return { value: undefined };
    }),
  );
}

const unpaired = { reason: "unpaired" };
