/** The place of a round: what its room shows of a repository or folder, and what is collected. */

import { join } from "node:path";
import type { TaskOrder } from "../../contract/tasks/errands.ts";
import type { Measured } from "../../contract/tasks/task.ts";
import type { Clock, Timers } from "../../platform/effects.ts";
import { makeFolder, taskFolder, taskNames } from "./folder.ts";
import { type Bind, insidePaths, scratchBinds } from "./run/room.ts";

/** A round under supervision. */
export interface Round {
  readonly folder: string;
  readonly order: TaskOrder;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Changes of a tree, as they were measured. */
export type Changes = Pick<
  Measured,
  "commit" | "files" | "files_count" | "added" | "deleted" | "nested_repositories" | "bundle"
>;

/** The place of a round. */
export interface Place {
  readonly binds: readonly Bind[];
  /** Folders in the room that must be read-only. */
  readonly readOnly: readonly string[];
  /** The folders whose bytes count. */
  readonly measured: readonly string[];
  /** The private home, outside of the room. */
  readonly home: string;
  /** Collects the changes, or tells in one of our own words why that failed. */
  collect(): Promise<Changes | string>;
}

/** Dependencies of a place. */
export interface PlaceParts {
  readonly bwrap: string;
  readonly state: string;
}

const nothing: Changes = {
  ...{ commit: null, files: [], files_count: 0, added: 0, deleted: 0 },
  ...{ nested_repositories: [], bundle: null },
};

/** Prepares the place of a round; a text is the reason why it cannot be. */
export async function placeOf(round: Round, parts: PlaceParts): Promise<Place | string> {
  const { order } = round;
  const task = taskFolder(parts.state, order.task_id);
  const scratch = [taskNames.home, taskNames.tmp, taskNames.shm].map((name) => join(task, name));
  for (const folder of scratch) makeFolder(folder);
  const { path } = order.decision;
  const shown: Bind = { from: path, at: insidePaths.tree, isWritable: false };
  return {
    binds: [...scratchBinds(task), shown],
    readOnly: [insidePaths.tree],
    measured: scratch,
    home: join(task, taskNames.home),
    collect: async () => nothing,
  };
}
