/**
 * Judges the base of a task: a commit that the person's clone has and that a named ref reaches, or
 * one that a bundle brings on top of such commits. Unreachable commits hold deleted secrets.
 */

import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Gate } from "../../../contract/tasks/errands.ts";
import type { AskedRefs, Commits } from "../../../session/commits.ts";
import { makeFolder, taskNames } from "../folder.ts";
import { takeIn } from "./quarantine.ts";
import { bound, makeRepository } from "./repository.ts";
import { gitPaths, type WalledGit } from "./walled.ts";

/** A base to judge. */
export interface BaseParts {
  /** The path of the clone. */
  readonly path: string;
  readonly base: string;
  /** Patterns of refs; null for every branch and tag. */
  readonly bases: readonly string[] | null;
  /** The path at which a bundle is stored; null for a base without one. */
  readonly bundle: string | null;
  /** A folder of ours for the judgement, which is removed. */
  readonly scratch: string;
  readonly commitsOf: (path: string, refs: AskedRefs) => Promise<Commits | string>;
  readonly gitOf: (program: string) => WalledGit;
  /** Fetches into the clone when it lacks the base; null for a person's own clone. */
  readonly refresh: (() => Promise<void>) | null;
}

const gate = (name: Gate["gate"], why: string, detail: string): readonly Gate[] => [
  { gate: name, why, detail: detail.slice(0, 1_024) },
];

/** The gates in the way of a base; none when it may be checked out. */
export async function baseGates(parts: BaseParts): Promise<readonly Gate[]> {
  const found = await gatesNow(parts);
  if (found.length === 0 || parts.refresh === null) return found;
  await parts.refresh();
  return gatesNow(parts);
}

async function gatesNow(parts: BaseParts): Promise<readonly Gate[]> {
  const { path, bases, scratch } = parts;
  const wanted = (name: string): boolean =>
    bases === null ? /^refs\/(heads|remotes|tags)\//.test(name) : bases.some(matching(name));
  const commits = await parts.commitsOf(path, wanted);
  if (typeof commits === "string") {
    return gate("repository", commits, `${path} is not read (${commits})`);
  }
  if (commits.tips.size === 0) {
    const named = bases === null ? "it has no branch" : `it has no ref like ${bases.join(", ")}`;
    return gate("base", "no_ref", `${path}: ${named}; mend base in policy.toml`);
  }
  makeFolder(scratch);
  try {
    return await judged(parts, commits);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** True for patterns that match a ref's full name; a branch is written without its prefix. */
const matching =
  (name: string) =>
  (pattern: string): boolean => {
    const full = pattern.startsWith("refs/")
      ? [pattern]
      : ["heads/", "remotes/", "remotes/origin/"].map((kind) => `refs/${kind}${pattern}`);
    return full.some((each) => matches(each, name));
  };

/** True when a pattern, in which `*` stands for any text, matches a whole text. */
function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

async function judged(parts: BaseParts, commits: Commits): Promise<readonly Gate[]> {
  const { base, bundle, scratch, path } = parts;
  const { objects, format, tips } = commits;
  const git = parts.gitOf(commits.git);
  const repository = join(scratch, taskNames.git);
  makeRepository(repository, format);
  const shallow = join(commits.commonDir, "shallow");
  if (existsSync(shallow)) copyFileSync(shallow, join(repository, "shallow"));
  const given = {
    binds: [bound(repository, gitPaths.git, true), bound(objects, gitPaths.objects)],
    environment: { GIT_OBJECT_DIRECTORY: gitPaths.objects },
  };
  /** True when the refs reach all of these commits. */
  const areReached = async (all: readonly string[]): Promise<boolean> => {
    const not = [...new Set(tips.values())].map((tip) => `^${tip}`);
    const input = `${[...all, ...not].join("\n")}\n`;
    return (await git(["rev-list", "--max-count=1", "--stdin"], { ...given, input })) === "";
  };
  const unreached = (commit: string) =>
    gate("base", "unreached", `no named ref of ${path} reaches ${commit.slice(0, 12)}`);
  if (bundle === null) {
    const kind = await git(["cat-file", "-t", base], given);
    if (kind?.trim() !== "commit") {
      return gate("base", "missing", `${path} has no commit ${base.slice(0, 12)}; fetch there`);
    }
    return (await areReached([base])) ? [] : unreached(base);
  }
  // It comes later: the daemon weighs again before a person is asked.
  if (!existsSync(bundle)) return [];
  const quarantine = join(scratch, taskNames.quarantine);
  const taken = await takeIn({ quarantine, bundle, objects, format }, git);
  if (typeof taken === "string") return gate("bundle", taken, "the bundle was refused");
  if (taken.commit !== base) return gate("bundle", "another_commit", "it holds another commit");
  const isBased = taken.prerequisites.length > 0 && (await areReached(taken.prerequisites));
  return isBased ? [] : unreached(taken.prerequisites[0] ?? base);
}
