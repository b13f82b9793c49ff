/**
 * Finds the commits of a repository's refs, and its folder of objects, for a reader or a task. Runs
 * only git, in a git folder of our own, and opens no object.
 */

import { join } from "node:path";
import type { GitReason } from "../contract/lease.ts";
import { gitDeadlineMs } from "../contract/limits.ts";
import { runner } from "../platform/process/run.ts";
import { type DescribeOptions, runGit } from "./describe.ts";
import { workTreeOf } from "./folder.ts";
import { makeFrozen, removeFrozen } from "./git/frozen.ts";
import { openRepository } from "./git/opened.ts";
import { systemGit } from "./git/program.ts";
import { repositoryOf } from "./git/repository.ts";
import { lastOf } from "./git/settings.ts";

/** A repository's objects, and the commits of the asked refs. */
export interface Commits {
  /** The real path of git. */
  readonly git: string;
  readonly objects: string;
  /** The git folder of the work tree, and that of the whole repository. */
  readonly gitDir: string;
  readonly commonDir: string;
  /** The root of the work tree, and the commit of its HEAD; null before its first one. */
  readonly root: string;
  readonly head: string | null;
  readonly format: "sha1" | "sha256";
  /** Each asked ref that exists, with its commit. */
  readonly tips: ReadonlyMap<string, string>;
}

/** Full names of refs, or the choice among all of them. */
export type AskedRefs = readonly string[] | ((name: string) => boolean);

/** Chosen refs, of which a task looks at the first. */
const chosenMax = 256;

/** Finds refs by their full names, within 2 s; or the reason why the repository is not read. */
export async function commitsOf(
  path: string,
  refs: AskedRefs,
  { environment, timers, home }: DescribeOptions,
): Promise<Commits | GitReason> {
  const deadline = new AbortController();
  const ended = Promise.withResolvers<"late">();
  const cancel = timers.after(gitDeadlineMs, () => {
    ended.resolve("late");
    deadline.abort();
  });
  const found = async (): Promise<Commits | GitReason> => {
    const [root, git] = await Promise.all([workTreeOf(path), systemGit()]);
    if (git === null) return "no_git";
    if (root === null) return "no_repository";
    const folder = await makeFrozen(home);
    try {
      const run = runGit(git, runner({}, deadline.signal));
      const parts = { run, folder, home: environment.HOME ?? "/", ended: ended.promise };
      const opened = await openRepository(root, parts);
      if (typeof opened === "string") return opened;
      const tips = new Map<string, string>();
      const asked =
        typeof refs === "function"
          ? (await opened.refs.names()).filter(refs).slice(0, chosenMax)
          : refs;
      for (const ref of asked) {
        const sha = await opened.refs.commit(ref);
        if (sha !== null) tips.set(ref, sha);
      }
      const isLong = lastOf(opened.own, "extensions.objectformat")?.toLowerCase() === "sha256";
      const { gitDir, commonDir } = opened.repository;
      const objects = join(commonDir, "objects");
      const head = await opened.refs.head();
      const sha = typeof head === "string" ? null : head.sha;
      const format = isLong ? "sha256" : "sha1";
      return { git, objects, gitDir, commonDir, root, head: sha, format, tips };
    } finally {
      await removeFrozen(folder);
    }
  };
  try {
    return await Promise.race([found().catch((): GitReason => "broken"), ended.promise]);
  } finally {
    cancel();
  }
}

/** True when a folder lies in a work tree of the repository at a path. */
export async function isSameRepository(cwd: string, path: string): Promise<boolean> {
  const shared = async (at: string): Promise<string | null> => {
    const root = await workTreeOf(at);
    const found = root === null ? "gone" : await repositoryOf(root);
    return typeof found === "string" ? null : found.commonDir;
  };
  const [one, other] = await Promise.all([shared(cwd), shared(path)]);
  return one !== null && one === other;
}
