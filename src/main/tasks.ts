/** Assembles the keeper's half of tasks: their folders, supervisors and programs. */

import type { ErrandRunners } from "../keeper/errands.ts";
import { bootClocks } from "../platform/clock/boot-clock.ts";
import { timers } from "../platform/clock/timers.ts";

type TaskWord = Extract<keyof ErrandRunners, `task_${string}`>;

/** The runners of a task's errands; the executable is that of its supervisors. */
export async function taskRunners(
  state: string,
  executable: string = process.execPath,
): Promise<Pick<ErrandRunners, TaskWord>> {
  const [{ taskRunnersOf }, { commitsOf }, { builderIn }, { programsOf }] = await Promise.all([
    import("../keeper/tasks/runners.ts"),
    import("../session/commits.ts"),
    import("./reader.ts"),
    import("./programs.ts"),
  ]);
  const [builder, programs] = await Promise.all([builderIn(state), programsOf(state)]);
  const runners = taskRunnersOf({
    ...{ builder, clock: bootClocks(), programs },
    commitsOf: (path, refs) =>
      commitsOf(path, refs, { environment: process.env, timers, home: state }),
    spawn: (folder) => spawned(executable, folder),
  });
  return {
    ...runners,
    task_runners: async () => {
      const { runnersOf } = await import("./runners.ts");
      const { proveSandbox } = await import("../keeper/sandbox/prove.ts");
      const listed = await (await runnersOf(state)).list();
      return { runners: [...listed], wall: (await proveSandbox(builder)).detail };
    },
  };
}

/** Starts a supervisor in a session of its own, so that it outlives this keeper. */
function spawned(executable: string, folder: string) {
  const { HOME, PEERNET_HOME } = process.env;
  const child = Bun.spawn([executable, "supervise", folder], {
    stdio: ["ignore", "ignore", "ignore"],
    ...{ detached: true, cwd: "/" },
    env: {
      PATH: "/usr/bin:/bin",
      LANG: "C.UTF-8",
      ...(HOME === undefined ? {} : { HOME }),
      ...(PEERNET_HOME === undefined ? {} : { PEERNET_HOME }),
    },
  });
  child.unref();
  return child;
}
