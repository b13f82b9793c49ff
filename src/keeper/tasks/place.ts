/** The place of a round: what its room shows of a repository or folder, and what is collected. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TaskOrder } from "../../contract/tasks/errands.ts";
import type { Clock, Timers } from "../../platform/effects.ts";
import type { Commits } from "../../session/commits.ts";
import { makeFolder, partNames, taskFolder, taskNames } from "./folder.ts";
import { type Changes, collectChanges, noChanges } from "./git/collect.ts";
import { hasTree, makeTree, type TaskGit } from "./git/tree.ts";
import { walledGit, walledIn } from "./git/walled.ts";
import { type Bind, insidePaths, scratchBinds } from "./run/room.ts";

/** A round under supervision. */
export interface Round {
  readonly folder: string;
  readonly order: TaskOrder;
  readonly clock: Clock;
  readonly timers: Timers;
}

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
  collect(
    signal: AbortSignal,
    holds: ((bytes: Uint8Array) => boolean) | null,
  ): Promise<Changes | string>;
}

/** Dependencies of a place. */
export interface PlaceParts {
  readonly bwrap: string;
  /** The state folder. */
  readonly state: string;
  /** Finds a repository's objects, or the reason why it is not read. */
  readonly commitsOf: (path: string) => Promise<Commits | string>;
  readonly signal: AbortSignal;
}

/** The profile whose runs change nothing. */
const reading = "query";

/** Prepares the place of a round; a text is the reason why it cannot be. */
export async function placeOf(round: Round, parts: PlaceParts): Promise<Place | string> {
  const { order } = round;
  const task = taskFolder(parts.state, order.task_id);
  const scratch = [taskNames.home, taskNames.tmp, taskNames.shm].map((name) => join(task, name));
  for (const folder of scratch) makeFolder(folder);
  const common = { measured: scratch, home: join(task, taskNames.home) };
  const { path, kind } = order.decision;
  if (kind === "repository") {
    const place = await repositoryPlace(round, parts, task);
    if (typeof place === "string") return place;
    return { ...place, ...common, measured: [...scratch, join(task, taskNames.tree)] };
  }
  const shown: Bind = { from: path, at: insidePaths.tree, isWritable: false };
  return {
    ...{ binds: [...scratchBinds(task), shown], readOnly: [insidePaths.tree], ...common },
    collect: async () => noChanges,
  };
}

async function repositoryPlace(
  { order, folder, clock }: Round,
  { bwrap, commitsOf, signal }: PlaceParts,
  task: string,
): Promise<Omit<Place, "measured" | "home"> | string> {
  const { decision, round } = order;
  const { base, path, profile } = decision;
  if (base === null) return "base_missing";
  const commits = await commitsOf(path);
  if (typeof commits === "string") return `repository_${commits}`;
  const of: TaskGit = {
    ...{ git: join(task, taskNames.git), tree: join(task, taskNames.tree) },
    quarantine: join(task, taskNames.quarantine),
  };
  const tools = { bwrap, git: commits.git };
  if (!hasTree(of)) {
    // A later round goes on in the tree of the first one, or not at all.
    if (round > 1) return "tree_gone";
    const bundle = join(folder, partNames.bundle);
    const failed = await makeTree(
      of,
      { base, ...commits, bundle: existsSync(bundle) ? bundle : null },
      walledGit({ ...tools, signal }),
    );
    if (failed !== null) return failed;
  }
  const isWritable = profile !== reading;
  const treeBinds: readonly Bind[] = [
    { from: of.tree, at: insidePaths.tree, isWritable },
    { from: of.git, at: insidePaths.git, isWritable: false },
    // A folder in place of the file would be a repository of the run's own.
    { from: join(of.tree, ".git"), at: `${insidePaths.tree}/.git`, isWritable: false },
  ];
  const collecting = { ...of, base, taskId: order.task_id, bundle: join(folder, partNames.tree) };
  return {
    binds: [...scratchBinds(task), ...treeBinds],
    readOnly: [insidePaths.git, ...(isWritable ? [] : [insidePaths.tree])],
    collect: async (ending, holds) => {
      if (!isWritable) return noChanges;
      const given = { ...tools, signal: ending };
      const walls = { walled: walledIn(given), git: walledGit(given), program: commits.git };
      return collectChanges({ ...collecting, wallMs: clock.wallMs(), holds }, walls);
    },
  };
}
