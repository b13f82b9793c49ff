/** Figures of a process and of a row of times, printed for a program to read. */

import { readdirSync, readFileSync } from "node:fs";

/** Linux counts the time of processes in these, whatever its own clock. */
const ticksPerSecond = 100;

/** Resident memory of a process, in mebibytes. */
export function memoryMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1_024;
}

/** Seconds of processor time that a process has had. */
export function processorS(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The number of a process's open descriptors. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** The value under which a share of all values is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Prints one line of figures of a row. */
export function figure(row: string, figures: Readonly<Record<string, number | string>>): void {
  const told = Object.entries(figures).map(([name, value]) => {
    const shown = typeof value === "number" ? Number(value.toFixed(3)) : value;
    return `${name}=${shown}`;
  });
  console.log(`figure: ${row} ${told.join(" ")}`);
}

/** Milliseconds that something takes. */
export async function msOf(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
}

/** The pace of repeated tries. */
export interface Pace {
  readonly times: number;
  readonly paceMs: number;
}

/**
 * Milliseconds from when each of many asks was due until it was answered: one that had to wait for
 * the ask before it has waited too.
 */
export async function pacedMs(
  { times, paceMs }: Pace,
  ask: () => Promise<unknown>,
): Promise<number[]> {
  const taken: number[] = [];
  const beganMs = performance.now();
  for (let time = 0; time < times; time += 1) {
    const dueMs = beganMs + time * paceMs;
    await Bun.sleep(Math.max(0, dueMs - performance.now()));
    await ask();
    taken.push(performance.now() - dueMs);
  }
  return taken;
}
