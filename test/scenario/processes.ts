/** The processes of a home, as Linux lists them: nothing is ended here that is not this home's. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type Home, isBuilt } from "../support/executable.ts";

/** True when a machine can show each process's home. */
export const canSeeProcesses = isBuilt && process.platform === "linux" && process.getuid?.() === 0;
/** Why they cannot. */
export const noProcesses = "to see into processes needs the built executable, root and Linux";

/** A process that runs in a home. */
export interface HomeProcess {
  readonly pid: number;
  /** `daemon`, `keeper`, `ask`, …: the first word it was given. */
  readonly mode: string;
  /** All it was given. */
  readonly argv: readonly string[];
}

/** Every process that was started with this home as its own. */
export function processesOf(home: Pick<Home, "folder">): readonly HomeProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const argv = read(`/proc/${name}/cmdline`);
      const environment = read(`/proc/${name}/environ`);
      const isOurs = environment.includes(`PEERNET_HOME=${home.folder}`) && isExecutable(name);
      return isOurs ? [{ pid: Number(name), mode: argv[1] ?? "", argv }] : [];
    });
}

/** The one process of a mode in a home, or undefined. */
export const processOf = (home: Home, mode: "daemon" | "keeper"): number | undefined =>
  processesOf(home).find((found) => found.mode === mode)?.pid;

/** The strings of a file of /proc; none of a process that is gone. */
function read(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\0");
  } catch {
    return [];
  }
}

function isExecutable(pid: string): boolean {
  try {
    return /\/peernet( \(deleted\))?$/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}
