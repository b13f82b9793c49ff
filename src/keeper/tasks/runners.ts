/** Carries out the errands of tasks, of both sides. */

import { taskAwaitMs } from "../../contract/tasks/limits.ts";
import type { Clock } from "../../platform/effects.ts";
import type { AskedRefs, Commits } from "../../session/commits.ts";
import type { ErrandRunners } from "../errands.ts";
import { type Buildable, type Builder, buildable } from "../sandbox/prove.ts";
import { discardTask, removeLeftTasks } from "./discard.ts";
import { askedFolder } from "./folder.ts";
import { keepClones } from "./git/clones.ts";
import { importResult } from "./git/import.ts";
import { packBase } from "./git/pack.ts";
import { gitWith } from "./git/plain.ts";
import { getPiece, partFolder, putPiece } from "./parts.ts";
import type { Programs } from "./program.ts";
import { seenOtherwise } from "./seen.ts";
import { type StartParts, startRound } from "./start.ts";
import { weighTask } from "./weigh.ts";

type TaskWord = Extract<keyof ErrandRunners, `task_${string}`>;

/** Dependencies of a keeper's tasks. */
export interface TaskParts {
  readonly builder: Builder;
  readonly clock: Clock;
  readonly programs: Programs;
  readonly commitsOf: (path: string, refs: AskedRefs) => Promise<Commits | string>;
  /** Starts a supervisor for a folder, detached from this process. */
  readonly spawn: StartParts["spawn"];
}

/** The runners of the errands of tasks, but for the list of runners. */
export function taskRunnersOf({
  builder,
  clock,
  programs,
  commitsOf,
  spawn,
}: TaskParts): Pick<ErrandRunners, Exclude<TaskWord, "task_runners">> {
  const { scratch: state, home, timers, signal: lasting, newNonce: newName } = builder;
  const clones = keepClones({ state, home, timers });
  const walls = () => buildable(builder);
  removeLeftTasks(state, lasting).catch(() => {});
  return {
    task_weigh: (errand, signal) =>
      weighTask({ state, programs, buildable: walls, home, clones, commitsOf }, errand, signal),
    task_start: ({ order }) => startRound({ state, timers, buildable: walls, spawn }, order),
    task_await: ({ known, ...id }, signal) =>
      seenOtherwise({ state, clock, timers, signal }, id, { known, forMs: taskAwaitMs }),
    task_put: async (errand) => putPiece(state, errand),
    task_get: async (errand) => getPiece(state, errand),
    task_pack: async (errand, signal) => {
      const gitOf = await gitsOf(walls, signal);
      const folder = partFolder(state, errand, true);
      return packBase({ folder, commitsOf, gitOf, wallMs: clock.wallMs }, errand);
    },
    task_import: async (errand, signal) => {
      const gitOf = await gitsOf(walls, signal);
      const asked = askedFolder(state, errand.task_id);
      return importResult({ asked, commitsOf, gitOf }, errand);
    },
    task_discard: (errand) => discardTask({ state, timers, newName, signal: lasting }, errand),
  };
}

/** Git behind the walls of this machine, or without any where there is none. */
async function gitsOf(walls: () => Promise<Buildable>, signal: AbortSignal) {
  const found = await walls();
  return (git: string) => gitWith(found, { git, signal });
}
