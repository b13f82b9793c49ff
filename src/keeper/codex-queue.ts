/**
 * Wakes a session of Codex by Codex's own command. Its message is an argument, which every user of
 * the machine can read: it is one fixed sentence. Runs the very program that the session runs.
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { wakeNotice } from "../contract/delivery/notices.ts";
import type { Process } from "../contract/lease.ts";
import { runner } from "../platform/process/run.ts";

/** The session to wake. */
export interface Thread {
  readonly thread: string;
  readonly process: Process;
  /** The folder that it works in. */
  readonly cwd: string;
}

/** Facts of the system about processes. */
export interface Seen {
  readonly isAlive: (process: Process) => boolean;
  /** The program that a process runs, and its variables; null when they are not visible. */
  readonly programOf: (pid: number) => Program | null;
  /** The terminals in which Codex runs. */
  readonly terminals: () => readonly Shown[];
}

/** A process of Codex in a terminal. */
export interface Shown {
  readonly cwd: string;
  readonly words: readonly string[];
}

/** A running program. */
export interface Program {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Queues the notice as the next turn of a session; null when its program is not visible. */
export async function queueTurn(
  { thread, process, cwd }: Thread,
  { isAlive, programOf, terminals }: Seen,
  signal: AbortSignal,
): Promise<{ readonly queued: boolean } | null> {
  if (!isAlive(process)) return { queued: false };
  const program = programOf(process.pid);
  if (program === null || basename(program.path) !== "codex") return null;
  // One server outlives all terminals, and runs a turn with nobody in front of it.
  const isShown = terminals().some((each) => each.cwd === cwd || each.words.includes(thread));
  if (!isShown) return { queued: false };
  const run = runner(program.environment, signal);
  const words = ["queue", `--thread=${thread}`, `--message=${wakeNotice}`];
  const ran = await run([program.path, ...words]);
  if (ran?.exit !== 0) throw new Error(`codex queue ended with ${ran?.exit ?? "no exit code"}`);
  return { queued: true };
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

/** The terminals in which Codex runs, from /proc; none elsewhere. */
export function terminals(): readonly Shown[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? shownIn(name) : []));
  } catch {
    return [];
  }
}

function shownIn(pid: string): readonly Shown[] {
  try {
    if (basename(readlinkSync(`/proc/${pid}/exe`)) !== "codex") return [];
    if (!/^\/dev\/(pts\/|tty)/.test(readlinkSync(`/proc/${pid}/fd/0`))) return [];
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return [{ cwd: readlinkSync(`/proc/${pid}/cwd`), words }];
  } catch {
    // It has ended, or is another user's.
    return [];
  }
}
