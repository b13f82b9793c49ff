/**
 * Describes a folder: its project and the git facts of its work tree. The only place that runs git.
 * Never runs a program that a repository names, and never reveals a file's name or content. Waits
 * at most one deadline, and keeps at most a bound of output.
 */

import { stat } from "node:fs/promises";
import type { GitFacts } from "../contract/lease.ts";
import {
  gitDeadlineMs,
  gitMemoryBytesMax,
  gitProcessorSecondsMax,
  sinceSubjectsMax,
} from "../contract/limits.ts";
import type { Timers } from "../platform/effects.ts";
import { limited, type Run, runner } from "../platform/process/run.ts";
import { projectOf, workTreeOf } from "./folder.ts";
import { makeFrozen, type RunGit, removeFrozen } from "./git/frozen.ts";
import type { Compares } from "./git/opened.ts";
import { systemGit } from "./git/program.ts";
import { nothingFor, type Reading, type RecentCommit, readGit } from "./git/reading.ts";

/** A folder, described. */
export interface Description extends Reading {
  /** The work tree's folder, or the given folder when there is none. */
  readonly root: string;
  /** The name of that folder, at most 64 bytes. */
  readonly project: string;
}

/** Dependencies of a description, besides the folder. */
export interface DescribeOptions {
  /** Only HOME is read, for the user's own git config. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The state folder, in which only this user can write. */
  readonly home: string;
  readonly timers: Timers;
  /** The git program to run; the system's unless given. */
  readonly program?: string;
  readonly compares?: Compares;
  /** The longest time that it may take; 2 s unless given. */
  readonly deadlineMs?: number;
}

/**
 * Describes a folder: its project and git facts, in a bounded time. Never throws: an unknown fact
 * is null, with its reason.
 */
export async function describe(cwd: string, options: DescribeOptions): Promise<Description> {
  const deadline = new AbortController();
  const ended = Promise.withResolvers<"late">();
  const cancel = options.timers.after(options.deadlineMs ?? gitDeadlineMs, () => {
    ended.resolve("late");
    deadline.abort();
  });
  const late = ended.promise;
  try {
    const tree = await Promise.race([workTreeOf(cwd), late]);
    if (tree === null) return { root: cwd, project: projectOf(cwd), ...(await noTree(cwd)) };
    if (tree === "late") return { root: cwd, project: projectOf(cwd), ...nothingFor("late") };
    const run = runner({}, deadline.signal);
    const reading = await readTree(tree, { ...options, run, late });
    return { root: tree, project: projectOf(tree), ...reading };
  } finally {
    cancel();
  }
}

interface TreeOptions extends DescribeOptions {
  readonly run: Run;
  readonly late: Promise<"late">;
}

async function readTree(root: string, options: TreeOptions): Promise<Reading> {
  const { run, late, environment, home } = options;
  const program = options.program ?? (await Promise.race([systemGit(), late]));
  if (program === "late") return nothingFor("late");
  if (program === null || !(await hasTools(run))) return nothingFor("no_git");
  const folder = await makeFrozen(home).catch(() => null);
  // Before its first start a home has no folder; the keeper reads the facts later.
  if (folder === null) return nothingFor("unread");
  try {
    const { compares } = options;
    const given = { run: runGit(program, run), folder, home: environment.HOME ?? "/" };
    const parts = { ...given, ended: late };
    return await readGit(root, compares === undefined ? parts : { ...parts, compares });
  } finally {
    await removeFrozen(folder);
  }
}

/** Arguments that switch off everything git's command line would do beyond the task. */
const quiet = ["--no-pager", "--no-optional-locks"] as const;

/** Runs git under limits of memory and time. */
export const runGit = (program: string, run: Run): RunGit => {
  const bounded = limited(run, {
    memoryBytes: gitMemoryBytesMax,
    processorSeconds: gitProcessorSecondsMax,
  });
  return async (words, environment, input) => {
    const given = input === undefined ? { environment } : { environment, input };
    const ran = await bounded([program, ...quiet, ...words], given);
    return ran?.exit === 0 ? ran : null;
  };
};

/** Without the developer tools, macOS answers the first run of git with an install dialog. */
const hasTools = async (run: Run): Promise<boolean> =>
  process.platform !== "darwin" || (await run(["/usr/bin/xcode-select", "-p"]))?.exit === 0;

const noTree = async (cwd: string): Promise<Reading> =>
  nothingFor((await isFolder(cwd)) ? "no_repository" : "gone");

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isDirectory() === true;

/** Git facts for a session that takes a handle; absent when the keeper has yet to read them. */
export const toldAtOnce = ({ git, why }: Reading) => {
  if (why === "unread") return {};
  return why === null ? { git } : { git, git_why: why };
};

/** Commits of a branch since an instant: their number and newest subjects. */
export function sinceStart(
  recent: readonly RecentCommit[],
  startedAtMs: number,
): NonNullable<GitFacts["since_start"]> {
  const older = recent.findIndex(({ committedAtMs }) => committedAtMs < startedAtMs);
  const since = older < 0 ? recent : recent.slice(0, older);
  const subjects = since.slice(0, sinceSubjectsMax).map(({ subject }) => subject);
  return { count: since.length, subjects };
}
