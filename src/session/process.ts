/**
 * Identifies a session's process, and whether it still lives. Reads the system's facts about
 * processes. Never signals a process, and never confuses two processes that had the same number.
 */

import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { Harness, Process } from "../contract/lease.ts";
import { ancestorsMax, sessionIdBytesMax } from "../contract/limits.ts";
import { errnoOf } from "../platform/errno.ts";
import { ancestorRows, argumentsRow, processRow, type Row } from "./process-macos.ts";

/** A process on the way up to the first one, and the properties that identify it. */
export type Ancestor = Omit<Row, "parent">;

/** The process that a session lives in, and its harness's name. */
export interface SessionProcess {
  readonly harness: Harness;
  readonly process: Process;
  readonly session_id: string | null;
}

/**
 * Identifies a process by its number; null when there is none, or when it ended and nobody has
 * waited for it. @throws when the system does not show processes
 */
export function processOf(pid: number): Process | null {
  const found = process.platform === "darwin" ? processRow(pid) : readStat(pid);
  return found === null ? null : { pid, start_time: found.start_time };
}

/**
 * True when this very process lives, not another that has its number now.
 * @throws when the system does not show processes
 */
export const isAlive = (known: Process): boolean =>
  processOf(known.pid)?.start_time === known.start_time;

/**
 * The ancestors of a process, nearest first, at most 64. Empty when the process table is that of
 * another namespace, whose numbers are not ours.
 */
export function ancestorsOf(pid: number): readonly Ancestor[] {
  if (process.platform === "darwin") return ancestorRows(pid);
  if (readLink("/proc/self") !== String(process.pid)) return [];
  const ancestors: Ancestor[] = [];
  let parent = readStat(pid)?.parent ?? 0;
  while (parent > 0 && ancestors.length < ancestorsMax) {
    const stat = readStat(parent);
    if (stat === null) break;
    ancestors.push({
      pid: parent,
      start_time: stat.start_time,
      name: stat.name,
      executable: readLink(`/proc/${parent}/exe`),
      calledAs: calledAs(parent),
      sessionLeader: stat.session === parent,
      terminal: stat.terminal !== 0,
    });
    parent = stat.parent;
  }
  return ancestors;
}

/**
 * The process of the caller's session: the nearest known harness, else the shell that leads the
 * terminal's session; null when there is neither. Pure.
 */
export function sessionProcess(
  ancestors: readonly Ancestor[],
  environment: Environment,
): SessionProcess | null {
  const claude = places["claude-code"](ancestors, environment);
  const codex = places.codex(ancestors);
  const isNearest = (at: number, other: number): boolean => at >= 0 && (other < 0 || at < other);
  if (isNearest(claude, codex)) {
    const id = environment.CLAUDE_CODE_SESSION_ID;
    return session("claude-code", ancestors[claude], isSessionId(id) ? id : null);
  }
  if (isNearest(codex, claude)) return session("codex", ancestors[codex], null);
  // A leader without a terminal is a shell that ends with the single command it runs.
  return session(
    "shell",
    ancestors.find((each) => each.sessionLeader && each.terminal),
    null,
  );
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The index of an agent's process among ancestors; -1 when it is not among them. */
const places = {
  "claude-code": (ancestors: readonly Ancestor[], environment: Environment): number => {
    // Claude Code names its process to its hooks; a helper process may be nearer and look the same.
    const named = ancestors.findIndex(({ pid }) => String(pid) === environment.CLAUDE_PID);
    return named >= 0 ? named : ancestors.findIndex(isClaude);
  },
  codex: (ancestors: readonly Ancestor[]): number =>
    ancestors.findIndex(({ name }) => name === "codex"),
} as const;

/**
 * The process of an agent among the ancestors of its hook; null when it is not among them. Pure.
 */
export const agentProcess = (
  agent: keyof typeof places,
  ancestors: readonly Ancestor[],
  environment: Environment,
): Ancestor | null => ancestors[places[agent](ancestors, environment)] ?? null;

function session(
  harness: Harness,
  found: Ancestor | undefined,
  id: string | null,
): SessionProcess | null {
  if (found === undefined) return null;
  const { pid, start_time } = found;
  return { harness, process: { pid, start_time }, session_id: id };
}

const claudeNames: ReadonlySet<string> = new Set(["claude", "claude.exe"]);

const isClaude = ({ name, calledAs, executable }: Ancestor): boolean =>
  claudeNames.has(name) ||
  claudeNames.has(basename(calledAs ?? "")) ||
  /\/claude-code\/|\/claude\/versions\//.test(executable ?? "");

const isSessionId = (id: string | undefined): id is string =>
  id !== undefined && id !== "" && Buffer.byteLength(id) <= sessionIdBytesMax;

interface Stat {
  readonly name: string;
  readonly parent: number;
  readonly session: number;
  readonly terminal: number;
  readonly start_time: string;
}

/** Reads `/proc/PID/stat` (proc_pid_stat(5)), whose name field may hold spaces and parentheses. */
function readStat(pid: number): Stat | null {
  const text = readProcessFile(`/proc/${pid}/stat`);
  if (text === null) return null;
  const nameEnd = text.lastIndexOf(")");
  // The third field, the state, comes first; fields are numbered from one.
  const rest = text.slice(nameEnd + 2).split(" ");
  const field = (number: number): string => rest[number - 3] ?? "";
  if (field(3) === "Z" || field(3) === "X") return null;
  return {
    name: text.slice(text.indexOf("(") + 1, nameEnd),
    parent: Number(field(4)),
    session: Number(field(6)),
    terminal: Number(field(7)),
    start_time: field(22),
  };
}

/**
 * The arguments of a process, its own name first; empty when it is gone. A system that reports only
 * one line has it split at its spaces.
 */
export function argumentsOf(pid: number): readonly string[] {
  if (process.platform === "darwin") return argumentsRow(pid);
  const text = readProcessFile(`/proc/${pid}/cmdline`);
  return text === null ? [] : text.replace(/\0$/, "").split("\0");
}

function calledAs(pid: number): string | null {
  const [first = ""] = argumentsOf(pid);
  return first === "" ? null : first;
}

/** A file of a process; null when the process is gone. @throws for any other reason */
function readProcessFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
