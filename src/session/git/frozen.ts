/**
 * A git folder of our own, through which git reads another one's commits and files. Its config is
 * written here, and git opens no other config. So no program that a config names can run, even if
 * the repository's config changes meanwhile.
 */

import { lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ran } from "../../platform/process/run.ts";
import type { Repository } from "./repository.ts";

/** Runs git with these arguments in an environment; null when it failed or came too late. */
export type RunGit = (
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  input?: Uint8Array<ArrayBuffer>,
) => Promise<Ran | null>;

/** Parts of a repository that git finds by name in its own folder. */
export interface FrozenParts {
  readonly config: string;
  /** The commit of HEAD; null before the first commit. */
  readonly sha: string | null;
}

/** A reading has long ended by then; a folder that still exists belongs to a killed process. */
const staleMs = 60_000;

/**
 * Makes an empty git folder below a folder of ours, and returns its path. Removes abandoned ones.
 * @throws when the given folder does not exist
 */
export async function makeFrozen(scratch: string): Promise<string> {
  const folder = await mkdtemp(join(scratch, "reading-"));
  await removeStale(scratch);
  await mkdir(join(folder, "refs"));
  await mkdir(join(folder, "objects"));
  await mkdir(join(folder, "info"));
  await writeFile(join(folder, "HEAD"), "ref: refs/heads/main\n");
  await writeFile(join(folder, "config"), "");
  return folder;
}

async function removeStale(scratch: string): Promise<void> {
  const names = (await readdir(scratch)).filter((name) => /^reading-\w{6}$/.test(name));
  // The file system's own clock dates both.
  const dated = await Promise.all(
    names.map(async (name) => {
      const path = join(scratch, name);
      return { path, at: (await lstat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const newest = Math.max(0, ...dated.map(({ at }) => at));
  for (const { path, at } of dated) if (newest - at > staleMs) await removeFrozen(path);
}

/** Fills a git folder of ours, so that git reads the repository through it. */
export async function fillFrozen(
  folder: string,
  { gitDir, commonDir, sharedIndexes }: Repository,
  { config, sha }: FrozenParts,
): Promise<void> {
  await writeFile(join(folder, "config"), config);
  if (sha !== null) await writeFile(join(folder, "HEAD"), `${sha}\n`);
  const links = [
    [join(commonDir, "shallow"), "shallow"],
    [join(commonDir, "info", "exclude"), "info/exclude"],
    [join(commonDir, "info", "attributes"), "info/attributes"],
    [join(gitDir, "info", "sparse-checkout"), "info/sparse-checkout"],
    ...sharedIndexes.map((name) => [join(gitDir, name), name] as const),
  ] as const;
  for (const [target, name] of links) await symlink(target, join(folder, name));
}

/** Removes a git folder of ours with all its contents. */
export const removeFrozen = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true }).catch(() => {
    // A git that has just been ended may still delay the removal; a later reading repeats it.
  });

/** The environment of a git that reads a repository through our git folder. */
export const frozenEnvironment = (
  folder: string,
  { root, gitDir, commonDir }: Repository,
): Readonly<Record<string, string>> => ({
  ...plainEnvironment(folder, folder),
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_WORK_TREE: root,
  GIT_OBJECT_DIRECTORY: join(commonDir, "objects"),
  GIT_INDEX_FILE: join(gitDir, "index"),
});

/** The environment of a git that reads no repository, with this home. */
export const plainEnvironment = (
  folder: string,
  home: string,
): Readonly<Record<string, string>> => ({
  PATH: "/usr/bin:/bin",
  HOME: home,
  LC_ALL: "C",
  GIT_DIR: folder,
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ALLOW_PROTOCOL: "none",
});
