/**
 * The first program in the room of a run: limits itself and all that follows it, proves the walls,
 * reports that under the starter's nonce, and becomes the run's program.
 */

import { writeFileSync } from "node:fs";
import { canaryLine } from "../../../contract/reads/sandbox.ts";
import { becomeProgram } from "../../../platform/sandbox/again.ts";
import { doors } from "../../../platform/sandbox/filter.ts";
import { limitResource } from "../../../platform/sandbox/limits.ts";
import { refuseCalls } from "../../../platform/sandbox/refusing.ts";
import { executableInside } from "../../sandbox/bwrap.ts";
import { runCanaryCount, tryRunCanaries } from "./canaries.ts";
import { type InsideRoom, insidePaths } from "./room.ts";

/** The kernel ends this process and what follows it first, when memory runs out. */
const firstToEnd = "1000";

/** The exit code of a shell for a program that cannot be run. */
const notRun = 126;

/** Dependencies of the first program. */
export interface InsideParts {
  /** The build of this executable. */
  readonly build: string;
  /** Writes a line to the starter. */
  readonly report: (line: string) => Promise<void>;
}

/** Proves the walls, then runs; returns an exit code only when that program is not run in place. */
export async function runInside(room: InsideRoom, { build, report }: InsideParts): Promise<number> {
  if (room.build !== build) {
    await report("unsafe peernet was updated meanwhile");
    return notRun;
  }
  const { limits, argv, environment, modelPort } = room;
  // Nobody else may enter the folders around the tree: its files have the modes of any tree.
  process.umask(0o022);
  writeFileSync("/proc/self/oom_score_adj", firstToEnd);
  limitResource("core", 0);
  limitResource("fileSize", limits.fileBytes);
  limitResource("processes", limits.processes);
  refuseCalls(doors);
  const tried = await tryRunCanaries(room);
  const failed = tried.filter(({ isExpected }) => !isExpected);
  if (failed.length > 0) {
    await report(`unsafe ${failed.map(({ name, result }) => `${name}: ${result}`).join(", ")}`);
    return notRun;
  }
  await report(canaryLine(room.nonce, tried.length, runCanaryCount));
  const [program = ""] = argv;
  if (modelPort === null) becomeProgram(program, argv, environment);
  const beside = ["peernet", "beside", insidePaths.model, String(modelPort), "--", ...argv];
  // As another program: the memory of this one holds the path of the state folder.
  becomeProgram(executableInside, beside, environment);
}
