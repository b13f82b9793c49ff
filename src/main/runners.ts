/** The runners of this machine, for a command: read and kept here, without a daemon. */

import type { RunnerAccess } from "../cli/terminal/io.ts";
import { timers } from "../platform/clock/timers.ts";

/** The runners of a state folder. */
export async function runnersOf(folder: string): Promise<RunnerAccess> {
  const [{ listRunners, namesOfRunners }, { keepKey, removeKey }, { stateFiles }] =
    await Promise.all([
      import("../keeper/tasks/runner/runners.ts"),
      import("../keeper/tasks/runner/credential.ts"),
      import("../platform/files.ts"),
    ]);
  const files = stateFiles(folder);
  const parts = { files, timers, home: process.env.HOME ?? "/" };
  return {
    names: () => namesOfRunners(files),
    list: () => listRunners(parts),
    keep: (name, key) => keepKey(files, name, key),
    remove: (name) => removeKey(files, name),
  };
}
