/**
 * Starts the supervisor of a round, once: a second start finds the first one's folder. The
 * supervisor outlives this keeper.
 */

import { join } from "node:path";
import type { StartEnd, TaskOrder } from "../../contract/tasks/errands.ts";
import { diskFloorBytes } from "../../contract/tasks/limits.ts";
import type { Timers } from "../../platform/effects.ts";
import { isLocked } from "../../platform/process/flock.ts";
import type { Buildable } from "../sandbox/prove.ts";
import { hasFile, makeFolder, replaceFile, roundFolder, roundNames } from "./folder.ts";
import { freeBytes } from "./run/measure.ts";

/** Dependencies of a start. */
export interface StartParts {
  /** The state folder. */
  readonly state: string;
  readonly timers: Timers;
  readonly buildable: () => Promise<Buildable>;
  /** Starts a supervisor for a folder, detached from this process. */
  readonly spawn: (folder: string) => { readonly exited: Promise<unknown> };
}

type End = ReturnType<typeof StartEnd.parse>;

const notStarted = (why: "busy" | "unsafe" | "disk", detail: string): End => ({
  ...{ started: false, why, detail: detail.slice(0, 1_024) },
});

/** Free bytes without which no task is begun: the floor, and as much to work with. */
const neededBytes = 2 * diskFloorBytes;
const lookMs = 20;

/** Starts the supervisor of a round; resolves once the round has begun, or to the reason. */
export async function startRound(
  { state, timers, buildable, spawn }: StartParts,
  order: TaskOrder,
): Promise<End> {
  const folder = roundFolder(state, order);
  if (hasBegun(folder)) return { started: true };
  const walls = await buildable();
  if ("none" in walls) return notStarted("unsafe", walls.none.detail);
  if (!("path" in walls.bwrap)) return notStarted("unsafe", `bubblewrap is ${walls.bwrap.why}`);
  makeFolder(folder);
  if (freeBytes(folder) < neededBytes) return notStarted("disk", "the disk is nearly full");
  if (isLocked(join(folder, roundNames.lock))) return notStarted("busy", "a supervisor begins");
  replaceFile(folder, roundNames.order, JSON.stringify(order));
  let hasEnded = false;
  const noteEnd = (): void => {
    hasEnded = true;
  };
  spawn(folder).exited.then(noteEnd, noteEnd);
  while (!hasBegun(folder) && !hasEnded) {
    await new Promise<void>((resolve) => timers.after(lookMs, resolve));
  }
  if (hasBegun(folder)) return { started: true };
  return notStarted("busy", "the supervisor ended before it began");
}

/** True once a supervisor has begun a round, or ended it. */
const hasBegun = (folder: string): boolean =>
  [roundNames.started, roundNames.result].some((name) => hasFile(folder, name));
