/**
 * The modes of a task: its supervisor, and the first program in the room of a run. The keeper
 * starts the one, the supervisor the other; by hand they do nothing.
 */

import { closeSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { timers } from "../platform/clock/timers.ts";

/** Supervises the round in a folder; returns the exit code. */
export async function superviseMode(folder: string): Promise<number> {
  const [{ supervise }, { buildable }, { bootClocks }, { builderIn }] = await Promise.all([
    import("../keeper/tasks/supervise.ts"),
    import("../keeper/sandbox/prove.ts"),
    import("../platform/clock/boot-clock.ts"),
    import("./reader.ts"),
  ]);
  const { fileLog } = await import("../platform/log.ts");
  const { stateFiles } = await import("../platform/files.ts");
  const { commitsOf } = await import("../session/commits.ts");
  const { programsOf } = await import("./programs.ts");
  // A hang-up of the terminal from which the keeper came is not the task's end.
  for (const name of ["SIGHUP", "SIGINT", "SIGPIPE"] as const) process.on(name, () => {});
  const state = dirname(dirname(dirname(folder)));
  const clock = bootClocks();
  const builder = await builderIn(state);
  await supervise(folder, {
    ...{ clock, timers, state, executable: builder.executable, build: builder.build },
    ...{ newNonce: builder.newNonce, buildable: () => buildable(builder) },
    ...{ programs: await programsOf(state), log: fileLog(stateFiles(state), clock) },
    commitsOf: (path) => commitsOf(path, [], { environment: process.env, timers, home: state }),
  });
  return 0;
}

/** Proves the walls of a run's room, then becomes the run; returns an exit code when it cannot. */
export async function insideMode(): Promise<number> {
  const { insideVariable } = await import("../keeper/tasks/run/room.ts");
  const { runInside } = await import("../keeper/tasks/run/inside.ts");
  const { build, nameOfBuild } = await import("../platform/version.ts");
  // The supervisor of this very version wrote it. The program that follows does not get it.
  const descriptor = Number(process.env[insideVariable]);
  const room = JSON.parse(readFileSync(descriptor, "utf8"));
  closeSync(descriptor);
  return runInside(room, {
    build: nameOfBuild(build),
    // A writer of the runtime would leave the pipe non-blocking to the program that follows.
    report: async (line) => {
      writeSync(1, `${line}\n`);
    },
  });
}

/** Passes a room's connections to its socket, and runs a program beside; returns its code. */
export async function besideMode([socket = "", port, , ...argv]: readonly string[]) {
  const { runBeside } = await import("../keeper/tasks/endpoint/inside.ts");
  return runBeside({ socket, port: Number(port), argv, environment: process.env });
}
