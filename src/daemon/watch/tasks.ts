/** The tasks that wait or go on, for those who watch. Reads no document of a task. */

import type { TaskStanding } from "../../contract/tasks/standing.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Context } from "../context/context.ts";

/** The counts of open tasks on both sides, and the machines at their other ends. */
export function tasksOf({ tables }: Pick<Context, "tables">): TaskStanding {
  const hosted = tables.tasks.open("in");
  const asked = tables.tasks.open("out");
  const held = hosted.filter(({ state }) => state === "held");
  return {
    held: held.length,
    held_from: peersOf(held),
    here: hosted.length - held.length,
    asked: asked.length,
    asked_of: peersOf(asked),
  };

  function peersOf(tasks: readonly Task[]): string[] {
    const names = tasks.map(
      ({ fingerprint, peer_name }) => tables.peers.get(fingerprint)?.name ?? peer_name,
    );
    return [...new Set(names)].sort();
  }
}
