/**
 * Removes a task with all that it left: its folders get another name at once, and go in the
 * background, since a large tree takes seconds.
 */

import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateNames } from "../../contract/text/state-names.ts";
import type { Timers } from "../../platform/effects.ts";
import { isLocked } from "../../platform/process/flock.ts";
import { runner } from "../../platform/process/run.ts";
import { askedFolder, roundNames, taskFolder } from "./folder.ts";

/** Dependencies of removing tasks. */
export interface DiscardParts {
  readonly state: string;
  readonly timers: Timers;
  readonly newName: () => string;
  readonly signal: AbortSignal;
}

const prefix = ".gone-";
/** Prefix of folders in which a base is judged. */
export const weighingPrefix = ".weighing-";
const lookMs = 20;
/** A supervisor ends within this after it is asked to stop. */
const stoppedLooks = 250;

/** Removes a task; a second time does nothing. Resolves once its folder is out of the way. */
export async function discardTask(
  parts: DiscardParts,
  { task_id, ours }: { readonly task_id: string; readonly ours: boolean },
): Promise<Record<string, never>> {
  const { state, newName } = parts;
  const folder = ours ? askedFolder(state, task_id) : taskFolder(state, task_id);
  if (!existsSync(folder)) return {};
  if (!ours) await stopAll(parts, folder);
  const gone = join(folder, "..", `${prefix}${newName()}`);
  renameSync(folder, gone);
  // What is left of it is removed at the next start.
  removeFolder(gone, parts.signal).catch(() => {});
  return {};
}

/** Stops each round of a task, and waits for the ends of their supervisors. */
async function stopAll({ timers }: DiscardParts, folder: string): Promise<void> {
  const rounds = readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => join(folder, name));
  const isRunning = (): boolean => rounds.some((round) => isLocked(join(round, roundNames.lock)));
  if (!isRunning()) return;
  for (const round of rounds) writeFileSync(join(round, roundNames.stop), "", { mode: 0o600 });
  for (let look = 0; look < stoppedLooks && isRunning(); look += 1) {
    await new Promise<void>((resolve) => timers.after(lookMs, resolve));
  }
}

/** Removes a folder of any depth and with any modes, following no link. */
export async function removeFolder(path: string, signal: AbortSignal): Promise<void> {
  const run = runner({ PATH: "/usr/bin:/bin" }, signal);
  // A run may have left folders that nobody may enter.
  await run(["/bin/chmod", "-R", "u+rwx", "--", path]);
  await run(["/bin/rm", "-rf", "--", path]);
}

/** Removes what an earlier keeper began to remove, or left of a judgement. */
export async function removeLeftTasks(state: string, signal: AbortSignal): Promise<void> {
  for (const name of [stateNames.tasks, stateNames.askedTasks]) {
    const folder = join(state, name);
    for (const entry of existsSync(folder) ? readdirSync(folder) : []) {
      const isLeft = entry.startsWith(prefix) || entry.startsWith(weighingPrefix);
      if (isLeft) await removeFolder(join(folder, entry), signal);
    }
  }
}
