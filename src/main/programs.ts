/** The programs of tasks: fixed commands, and runners by their manifests. */

import type { Programs } from "../keeper/tasks/program.ts";
import { timers } from "../platform/clock/timers.ts";

/** The programs of a state folder. */
export async function programsOf(state: string): Promise<Programs> {
  const [{ commands, eitherOf }, { runners }, { stateFiles }] = await Promise.all([
    import("../keeper/tasks/command.ts"),
    import("../keeper/tasks/runner/runners.ts"),
    import("../platform/files.ts"),
  ]);
  const home = process.env.HOME ?? "/";
  return eitherOf(commands(home, timers), runners({ files: stateFiles(state), timers, home }));
}
