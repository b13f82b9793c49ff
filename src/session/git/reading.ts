/**
 * Reads the git facts of a work tree. Fast facts come first and wait for no slow one; each unknown
 * fact has its reason beside it. Reveals no file's name or content. Runs only git, in a git folder
 * of our own.
 */

import { resolve } from "node:path";
import type { GitFacts, GitReason } from "../../contract/lease.ts";
import { branchBytesMax, gitCommitsMax, subjectCharactersMax } from "../../contract/limits.ts";
import { isReason } from "../../contract/text/git-reasons.ts";
import { cutBytes, projectOf } from "../folder.ts";
import { fillFrozen, frozenEnvironment } from "./frozen.ts";
import { type Configs, openRepository, type ReadingParts } from "./opened.ts";
import type { Head, Refs } from "./refs.ts";
import { isOfRepository, type Repository } from "./repository.ts";
import { fromHome, frozenConfig, lastOf, type Settings } from "./settings.ts";
import { type ChangedPaths, identityOf, readChanged, trackedIn } from "./tracked.ts";
import { upstreamRef } from "./upstream.ts";

/** A commit of the branch, as far as it dates and names work. */
export interface RecentCommit {
  readonly committedAtMs: number;
  readonly subject: string;
}

/** Git facts, or the reason why there are none. */
export interface Reading {
  readonly git: GitFacts | null;
  readonly why: GitReason | null;
  /** The newest commits of the branch, newest first. */
  readonly recent: readonly RecentCommit[];
  /** The repository's identity; absent when it is unknown, or was not asked for. */
  readonly identity?: string;
  /** The changed tracked files; absent when they are unknown, or were not asked for. */
  readonly changed?: ChangedPaths;
  /** The reason why files cannot be compared; absent when they can, or none were asked for. */
  readonly changedWhy?: GitReason;
}

/** A reading that holds nothing but its reason. */
export const nothingFor = (why: GitReason): Reading => ({ git: null, why, recent: [] });

/** Reads the facts of a work tree. Never throws; ends when its time is up. */
export async function readGit(root: string, parts: ReadingParts): Promise<Reading> {
  const cheap = await inTime(parts, readCheap(root, parts));
  if (typeof cheap === "string") return nothingFor(cheap);
  const { compares } = parts;
  // An identity takes a fixed time, however many files have changed.
  const isBrief = compares === "identity";
  const [changed, apart, identity] = await Promise.all([
    isBrief ? ("unread" as const) : inTime(parts, readChanged(cheap, parts)),
    isBrief ? ("unread" as const) : inTime(parts, countApart(cheap, parts)),
    compares === undefined ? null : inTime(parts, identityOf(cheap, parts)),
  ]);
  const dirty = typeof changed === "string" ? changed : changed.count;
  const reading = readingOf(cheap, dirty, apart);
  if (identity === null) return reading;
  if (isReason(identity)) return { ...reading, changedWhy: identity };
  if (isBrief) return { ...reading, identity };
  if (typeof changed === "string") return { ...reading, identity, changedWhy: changed };
  return { ...reading, identity, changed: { identity, ...trackedIn(changed.records) } };
}

/** The result of a step, or the reason why it has none. */
const inTime = <T>({ ended }: ReadingParts, step: Promise<T | GitReason>): Promise<T | GitReason> =>
  Promise.race([step.catch((): GitReason => "broken"), ended]);

/**
 * Facts that take a few milliseconds in a repository of any size, and on which the others depend.
 */
interface Cheap {
  readonly repository: Repository;
  readonly own: Settings;
  readonly refs: Refs;
  readonly head: Head;
  readonly recent: readonly RecentCommit[];
}

async function readCheap(root: string, parts: ReadingParts): Promise<Cheap | GitReason> {
  const opened = await openRepository(root, parts);
  if (typeof opened === "string") return opened;
  const { repository, user, own, refs } = opened;
  const head = await refs.head();
  if (typeof head === "string") return head;
  const files = await filesOf(repository, { user, own, home: parts.home });
  const config = frozenConfig(user, own, files);
  const filesReason = repository.filesReason ?? files.reason;
  const judged = { ...repository, filesReason };
  // On a full disk git is not read, which says nothing about the repository.
  const frozen = fillFrozen(parts.folder, judged, { config, sha: head.sha });
  if (!(await frozen.then(() => true).catch(() => false))) return "unread";
  const recent = head.sha === null ? [] : await readRecent(judged, head.sha, parts);
  return recent === null ? "broken" : { repository: judged, own, refs, head, recent };
}

/** The files by which git ignores and treats files, and the reason not to read them. */
async function filesOf(repository: Repository, { user, own, home }: Configs) {
  const at = (key: string, name: string): string =>
    fromHome(lastOf(user, key) ?? `~/.config/git/${name}`, home);
  const files = {
    excludes: at("core.excludesfile", "ignore"),
    attributes: at("core.attributesfile", "attributes"),
    reason: null,
  };
  const named = lastOf(own, "core.excludesfile");
  if (named === undefined) return files;
  const excludes = resolve(repository.root, fromHome(named, home));
  const isInside = await isOfRepository(repository, excludes);
  return isInside ? { ...files, excludes } : { ...files, reason: "foreign" as const };
}

/** The newest commits of a branch, newest first; null when git cannot read them. */
async function readRecent(
  repository: Repository,
  sha: string,
  { run, folder }: ReadingParts,
): Promise<readonly RecentCommit[] | null> {
  const log = await run(
    [
      ...["log", "-z", `-${gitCommitsMax}`, "--first-parent", "--no-show-signature", "--no-notes"],
      ...["--encoding=UTF-8", "--format=%H%x00%ct%x00%s", sha, "--"],
    ],
    frozenEnvironment(folder, repository),
  );
  if (log === null) return null;
  const words = new TextDecoder().decode(log.output).split("\0");
  if (words[0] !== sha) return null;
  const commits: RecentCommit[] = [];
  for (let at = 0; at + 2 < words.length; at += 3) {
    const subject = cutCharacters((words[at + 2] ?? "").trimEnd(), subjectCharactersMax);
    commits.push({ committedAtMs: 1_000 * Number(words[at + 1]), subject });
  }
  return commits;
}

interface Apart {
  readonly ahead: number;
  readonly behind: number;
}

/** Counts the commits between a branch and its upstream, by local refs. */
async function countApart(
  { repository, own, refs, head }: Cheap,
  { run, folder }: ReadingParts,
): Promise<Apart | GitReason> {
  const ref = head.ref === null || head.sha === null ? null : upstreamRef(own, head.ref);
  const upstream = ref === null ? null : await refs.commit(ref);
  if (upstream === null) return "no_upstream";
  const words = ["rev-list", "--left-right", "--count", `${head.sha}...${upstream}`, "--"];
  const counted = await run(words, frozenEnvironment(folder, repository));
  const text = counted === null ? "" : new TextDecoder().decode(counted.output);
  const [, ahead, behind] = /^(\d+)\t(\d+)\n$/.exec(text) ?? [];
  return ahead === undefined ? "broken" : { ahead: Number(ahead), behind: Number(behind) };
}

function readingOf(
  { repository, head, recent }: Cheap,
  dirty: number | GitReason,
  apart: Apart | GitReason,
): Reading {
  const branch = head.ref === null ? null : head.ref.replace(/^refs\/heads\//, "");
  const why = {
    ...(head.sha === null ? { sha: "no_commit" } : {}),
    ...(branch === null ? { branch: "detached" } : {}),
    ...(typeof dirty === "string" ? { dirty } : {}),
    ...(typeof apart === "string" ? { ahead: apart } : {}),
  };
  const git: GitFacts = {
    sha: head.sha,
    subject: recent[0]?.subject ?? null,
    branch: branch === null ? null : cutBytes(branch, branchBytesMax),
    dirty: typeof dirty === "string" ? null : dirty,
    ahead: typeof apart === "string" ? null : apart.ahead,
    behind: typeof apart === "string" ? null : apart.behind,
    ...(repository.kind === "linked" ? linkedNames(repository) : {}),
    ...(Object.keys(why).length === 0 ? {} : { why }),
  };
  return { git, why: null, recent };
}

/** The names of a linked work tree and of its repository, whose folder may be `web/.git`. */
function linkedNames({ root, commonDir }: Repository) {
  const folder = commonDir.replace(/\/\.[^/]*$/, "").replace(/\.git$/, "");
  return { worktree: projectOf(root), repository: projectOf(folder) };
}

function cutCharacters(text: string, charactersMax: number): string {
  const characters = [...text];
  if (characters.length <= charactersMax) return text;
  return `${characters.slice(0, charactersMax - 1).join("")}…`;
}
