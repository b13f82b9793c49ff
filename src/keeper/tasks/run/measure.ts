/** Measures a run from outside: memory of its processes, its bytes on the disk. Ends nothing. */

import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { runner } from "../../../platform/process/run.ts";

/** A process and all its descendants (proc_pid_task(5)); the ended ones are left out. */
export function processesBelow(pid: number): readonly number[] {
  const found: number[] = [];
  const waiting = [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    for (const child of childrenOf(next)) waiting.push(child);
  }
  return found;
}

/** The children of a process. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      words(`/proc/${pid}/task/${thread}/children`).map(Number),
    );
  } catch {
    // It has ended.
    return [];
  }
}

const words = (path: string): readonly string[] =>
  readFileSync(path, "latin1").trim().split(" ").filter(Boolean);

/** Resident bytes of processes; shared pages count once for each, unless the sum is too large. */
export function memoryOf(pids: readonly number[], bytesMax: number): number {
  const resident = sumOf(pids, "status", /^VmRSS:\s*(\d+) kB$/m);
  return resident <= bytesMax ? resident : sumOf(pids, "smaps_rollup", /^Pss:\s*(\d+) kB$/m);
}

function sumOf(pids: readonly number[], name: string, form: RegExp): number {
  let kib = 0;
  for (const pid of pids) {
    try {
      kib += Number(form.exec(readFileSync(`/proc/${pid}/${name}`, "latin1"))?.[1] ?? 0);
    } catch {
      // It has ended.
    }
  }
  return kib * 1_024;
}

/** Bytes that this user may still write on the disk of a folder. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Bytes that folders take on the disk; null when they could not be counted in time. */
export async function takenBytes(
  folders: readonly string[],
  signal: AbortSignal,
): Promise<number | null> {
  const run = runner({ PATH: "/usr/bin:/bin", LC_ALL: "C" }, signal);
  const ran = await run(["/usr/bin/du", "-s", "--block-size=1", "--", ...folders]);
  if (ran === null) return null;
  const lines = new TextDecoder().decode(ran.output).trim().split("\n");
  return lines.reduce((sum, line) => sum + Number(/^\d+/.exec(line)?.[0] ?? 0), 0);
}
