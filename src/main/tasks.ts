/** Assembles the keeper's half of tasks: their folders, supervisors and programs. */

import type { ErrandRunners } from "../keeper/errands.ts";
import { bootClocks } from "../platform/clock/boot-clock.ts";
import { timers } from "../platform/clock/timers.ts";

type TaskWord = Extract<keyof ErrandRunners, `task_${string}`>;

const none = async () => null;

/** The runners of a task's errands; the executable is that of its supervisors. */
export async function taskRunners(
  state: string,
  executable: string = process.execPath,
): Promise<Pick<ErrandRunners, TaskWord>> {
  const [{ startRound }, { seenOtherwise }, { weighTask }, { buildable }] = await Promise.all([
    import("../keeper/tasks/start.ts"),
    import("../keeper/tasks/seen.ts"),
    import("../keeper/tasks/weigh.ts"),
    import("../keeper/sandbox/prove.ts"),
  ]);
  const { taskAwaitMs } = await import("../contract/tasks/limits.ts");
  const { builderIn } = await import("./reader.ts");
  const { programsOf } = await import("./programs.ts");
  const clock = bootClocks();
  const [builder, programs] = await Promise.all([builderIn(state), programsOf(state)]);
  const walls = () => buildable(builder);
  const spawn = (folder: string) => spawned(executable, folder);
  return {
    task_weigh: (errand) =>
      weighTask({ ...{ state, programs, buildable: walls, home: builder.home } }, errand),
    task_start: ({ order }) => startRound({ state, timers, buildable: walls, spawn }, order),
    task_await: ({ known, ...id }, signal) =>
      seenOtherwise({ state, clock, timers, signal }, id, { known, forMs: taskAwaitMs }),
    ...{ task_put: none, task_get: none, task_pack: none, task_import: none },
    ...{ task_discard: none, task_runners: none },
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
