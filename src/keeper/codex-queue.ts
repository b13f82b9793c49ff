/**
 * Wakes a session of Codex by Codex's own command. Its message is an argument, which every user of
 * the machine can read: it is one fixed sentence. Runs the very program that the session runs.
 */

import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { wakeNotice } from "../contract/delivery/notices.ts";
import type { Process } from "../contract/lease.ts";
import { runner } from "../platform/process/run.ts";

/** The session to wake. */
export interface Thread {
  readonly thread: string;
  readonly process: Process;
}

/** Facts of the system about processes. */
export interface Seen {
  readonly isAlive: (process: Process) => boolean;
  /** The program that a process runs, and its variables; null when they are not visible. */
  readonly programOf: (pid: number) => Program | null;
}

/** A running program. */
export interface Program {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Queues the notice as the next turn of a session; null when its program is not visible. */
export async function queueTurn(
  { thread, process }: Thread,
  { isAlive, programOf }: Seen,
  signal: AbortSignal,
): Promise<Record<string, never> | null> {
  // A server without its terminal would run the turn with nobody in front of it.
  if (!isAlive(process)) throw new Error("the session's process has ended");
  const program = programOf(process.pid);
  if (program === null || basename(program.path) !== "codex") return null;
  const run = runner(program.environment, signal);
  const words = ["queue", `--thread=${thread}`, `--message=${wakeNotice}`];
  const ran = await run([program.path, ...words]);
  if (ran?.exit !== 0) throw new Error(`codex queue ended with ${ran?.exit ?? "no exit code"}`);
  return {};
}

/** Variables by which Codex finds its home; no other one of the session's is passed on. */
const needed = ["HOME", "CODEX_HOME", "PATH"];

/** Reads a process's program and variables from /proc; null elsewhere. */
export function programOf(pid: number): Program | null {
  try {
    const path = readlinkSync(`/proc/${pid}/exe`);
    const set = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    const pairs = set.map((each) => [each.split("=", 1)[0] ?? "", each] as const);
    const kept = pairs.filter(([name]) => needed.includes(name));
    const environment = kept.map(([name, each]) => [name, each.slice(name.length + 1)]);
    return { path, environment: Object.fromEntries(environment) };
  } catch {
    return null;
  }
}
