/** Reads the processes of macOS from `ps`, since it has no `/proc`. Only reads; decides nothing. */

import type { Process } from "../contract/lease.ts";
import { ancestorsMax } from "../contract/limits.ts";

/** A process, and the properties that identify it. */
export interface Row extends Process {
  readonly parent: number;
  /** The system's name for it; on Linux at most 15 bytes. */
  readonly name: string;
  /** The file it runs, when we may know it. */
  readonly executable: string | null;
  /** The first of its arguments. */
  readonly calledAs: string | null;
  readonly sessionLeader: boolean;
  /** True when it has a controlling terminal. */
  readonly terminal: boolean;
}

const columns = "pid=,ppid=,stat=,tty=,lstart=,comm=";

/** One living process by its number, or null. @throws when `ps` cannot run */
export const processRow = (pid: number): Row | null => rows(["-p", String(pid)])[0] ?? null;

/** The ancestors of a process, nearest first, at most 64. @throws when `ps` cannot run */
export function ancestorRows(pid: number): readonly Row[] {
  const all = new Map(rows(["-ax"]).map((row) => [row.pid, row]));
  const ancestors: Row[] = [];
  let row = all.get(all.get(pid)?.parent ?? 0);
  while (row !== undefined && ancestors.length < ancestorsMax) {
    ancestors.push(row);
    row = all.get(row.parent);
  }
  return ancestors;
}

/** The words of a process's command line. @throws when `ps` cannot run */
export const argumentsRow = (pid: number): readonly string[] =>
  ps(["-p", String(pid)], "args=")
    .trim()
    .split(/ +/);

const rows = (which: readonly string[]): readonly Row[] =>
  ps(which, columns)
    .split("\n")
    .flatMap((line) => parseRow(line) ?? []);

function ps(which: readonly string[], columns: string): string {
  const { stdout } = Bun.spawnSync(["/bin/ps", ...which, "-ww", "-o", columns], {
    env: { LC_ALL: "C" },
    stdin: null,
    stderr: "ignore",
  });
  return stdout.toString();
}

/**
 * Reads one line of `ps -o pid=,ppid=,stat=,tty=,lstart=,comm=`; null for a line of no living
 * process. The start, `Tue Nov 24 20:29:16 2026`, is five words; the command may be many.
 */
export function parseRow(line: string): Row | null {
  const found = /^ *(\d+) +(\d+) +(\S+) +(\S+) +((?:\S+ +){4}\d+) +(.+)$/.exec(line);
  if (found === null) return null;
  const [, pid, parent, state = "", terminal = "", start = "", command = ""] = found;
  if (state.startsWith("Z")) return null;
  return {
    pid: Number(pid),
    parent: Number(parent),
    start_time: start.replace(/ +/g, " "),
    name: command.slice(command.lastIndexOf("/") + 1),
    executable: command,
    calledAs: command,
    sessionLeader: state.includes("s"),
    terminal: !terminal.startsWith("?"),
  };
}
