/**
 * What a folder says of the work in it: its project, and what git says of its work tree. The only
 * place that runs git. Refuses to run anything that a repository asks for, to tell a file's name
 * or content, to wait longer than one deadline, and to hold more than a bound of output.
 */

import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { GitFacts } from "../contract/lease.ts";
import {
  branchBytesMax,
  gitDeadlineMs,
  projectBytesMax,
  subjectCharactersMax,
} from "../contract/limits.ts";
import type { Timers } from "../platform/effects.ts";
import { type Ran, type Run, runner } from "../platform/process/run.ts";
import { isOwnRepository } from "./own-repository.ts";

/** What a folder says. */
export interface Description {
  /** The work tree's folder, or the folder that was asked about where there is none. */
  readonly root: string;
  /** The name of that folder, at most 64 bytes. */
  readonly project: string;
  /** Null outside a work tree, and where git refuses or fails to read it. */
  readonly git: GitFacts | null;
  /** Git did not end in time: `git` is null, which then says nothing about the work tree. */
  readonly late: boolean;
}

/** What describing needs besides the folder. */
export interface DescribeOptions {
  /** Only PATH and HOME are read; of PATH only absolute folders, since others may be hostile. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timers: Timers;
}

/**
 * Says what a folder is: its project and git facts, within 2 s. Throws nothing: what cannot be
 * read is null.
 */
export async function describe(cwd: string, options: DescribeOptions): Promise<Description> {
  const deadline = new AbortController();
  const ended = Promise.withResolvers<null>();
  const cancel = options.timers.after(gitDeadlineMs, () => {
    deadline.abort();
    ended.resolve(null);
  });
  const run = runner(environmentOf(options.environment), deadline.signal);
  try {
    const tree = await Promise.race([workTreeOf(cwd), ended.promise]);
    const root = tree ?? cwd;
    const reading = tree === null ? null : readOwn(tree, run);
    const git = await Promise.race([reading, ended.promise]);
    return { root, project: projectOf(root), git, late: deadline.signal.aborted };
  } finally {
    cancel();
  }
}

/**
 * The work tree that a folder is in, links resolved; null outside of one. It is found by the entry
 * that git looks for, so that outside of one none is run.
 */
export async function workTreeOf(cwd: string): Promise<string | null> {
  let folder = await realpath(cwd).catch(() => null);
  while (folder !== null && !(await isWorkTree(folder))) {
    const parent = dirname(folder);
    folder = parent === folder ? null : parent;
  }
  return folder;
}

/** A `.git` that is a file points to a repository; one that is a folder with a HEAD is one. */
async function isWorkTree(folder: string): Promise<boolean> {
  const entry = await stat(join(folder, ".git")).catch(() => null);
  if (entry === null) return false;
  if (entry.isFile()) return true;
  return (await lstat(join(folder, ".git", "HEAD")).catch(() => null)) !== null;
}

/** What the work in a folder is called: by the folder's name, at most 64 bytes. */
export function projectOf(root: string): string {
  // A folder may be called anything; what no project is called is shown as what it is.
  const name = (basename(root) || root).replace(/\p{Cc}/gu, "\ufffd");
  return cutBytes(name, projectBytesMax);
}

function environmentOf(given: DescribeOptions["environment"]): Readonly<Record<string, string>> {
  const path = (given.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return {
    // To git, which stands in the work tree, an empty entry is the work tree.
    PATH: path.join(":") || "/usr/bin:/bin",
    ...(given.HOME === undefined ? {} : { HOME: given.HOME }),
    LC_ALL: "C",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "none",
  };
}

/** Switches off what a repository's config could have git run, as far as one switch does it. */
const git = [
  "git",
  "--no-pager",
  "--no-optional-locks",
  ...["-c", "core.fsmonitor=false"],
  ...["-c", "core.hooksPath=/dev/null"],
  ...["-c", "safe.bareRepository=explicit"],
  ...["-c", "log.showSignature=false"],
] as const;

const logArguments = [
  ...["log", "-1", "--no-show-signature", "--no-notes", "--encoding=UTF-8"],
  "--format=%H%x00%s",
] as const;

const statusArguments = [
  ...["status", "--porcelain=v2", "-z", "--branch", "--untracked-files=normal"],
  ...["--ignore-submodules=all", "--no-renames"],
] as const;

const readOwn = async (root: string, run: Run): Promise<GitFacts | null> =>
  (await isOwnRepository(root)) ? readGit(root, run) : null;

async function readGit(root: string, run: Run): Promise<GitFacts | null> {
  // Without the developer tools, macOS answers the first run of git with an install dialog.
  if (process.platform === "darwin" && (await run(["xcode-select", "-p"]))?.exit !== 0) return null;
  const command = [...git, "-C", root] as const;
  const filters = filterKeys(
    await run([...command, "config", "-z", "--name-only", "--get-regexp", "^filter\\."]),
  );
  if (filters === null) return null;
  const log = await run([...command, ...logArguments]);
  const status = await run([...command, ...statusArguments], emptied(filters));
  return log === null || status === null || status.exit !== 0 ? null : factsOf(log, status);
}

/**
 * The config keys of all filters, or null where git could not list them or a key is no UTF-8: it
 * could not be named in the environment, so its filter would run.
 */
function filterKeys(listed: Ran | null): ReadonlySet<string> | null {
  // git config exits with 1 where no key matches.
  if (listed === null || (listed.exit !== 0 && listed.exit !== 1)) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(listed.output);
    return new Set(text.split("\0").filter((key) => key !== ""));
  } catch {
    return null;
  }
}

/** Sets each key to nothing, which to git is no program and false. The environment wins. */
function emptied(keys: ReadonlySet<string>): Readonly<Record<string, string>> {
  const pairs = [...keys].flatMap((key, at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, ""],
  ]);
  return Object.fromEntries([["GIT_CONFIG_COUNT", String(keys.size)], ...pairs]);
}

function factsOf(log: Ran, status: Ran): GitFacts | null {
  const records = new TextDecoder().decode(status.output).split("\0");
  const header = (name: string): string | undefined =>
    records.find((record) => record.startsWith(`# ${name} `))?.slice(name.length + 3);
  const branch = header("branch.head");
  const [sha = "", subject = ""] = new TextDecoder().decode(log.output).split("\0");
  const committed = log.exit === 0 && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(sha);
  // Only a repository without a commit may lack one: else the log could not be read.
  if (!committed && header("branch.oid") !== "(initial)") return null;
  return {
    sha: committed ? sha : null,
    subject: committed ? cutCharacters(subject.trimEnd(), subjectCharactersMax) : null,
    branch:
      branch === undefined || branch === "(detached)" ? null : cutBytes(branch, branchBytesMax),
    dirty: records.filter((record) => /^[12u?] /.test(record)).length,
  };
}

function cutCharacters(text: string, charactersMax: number): string {
  const characters = [...text];
  if (characters.length <= charactersMax) return text;
  return `${characters.slice(0, charactersMax - 1).join("")}…`;
}

/** Cuts well-formed text between two characters, so that it is at most that many UTF-8 bytes. */
function cutBytes(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text.toWellFormed(), new Uint8Array(bytesMax));
  return text.toWellFormed().slice(0, read);
}
