/**
 * Decides whether the repository behind a folder's `.git` is that folder's own. First resolves the
 * real place of each part, then compares. A part elsewhere belongs to another repository, whatever
 * name or link led to it. Runs no program.
 */

import type { Stats } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { GitReason } from "../../contract/lease.ts";
import { gitMemoryBytesMax, smallFileBytesMax } from "../../contract/limits.ts";
import { readInPlace } from "../bounded.ts";
import { type Budget, fullBudget, isInside, oddEntry } from "./entries.ts";

/** The parts of a repository, each a real path below which no link was found. */
export interface Repository {
  readonly root: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly kind: "plain" | "linked" | "submodule";
  /** The reason not to compare its files with its index, when only that is unsafe. */
  readonly filesReason: GitReason | null;
  /** Names of the files that a split index shares. */
  readonly sharedIndexes: readonly string[];
  /** True when everything on the way to it belongs to this user. */
  readonly isOurs: boolean;
}

type Found = Pick<Repository, "root" | "gitDir" | "commonDir" | "kind">;

/**
 * The repository of a work tree, or the reason not to read it. For a submodule the caller has yet
 * to compare `core.worktree` with the root. Never throws.
 */
export async function repositoryOf(root: string): Promise<Repository | GitReason> {
  const entry = join(root, ".git");
  const stats = await lstat(entry).catch(() => null);
  if (stats === null) return "gone";
  const found = await foundAt(root, entry, stats);
  if (typeof found === "string") return found;
  const { gitDir, commonDir } = found;
  const budget = fullBudget();
  const odd = (await oddHistory(found, budget)) ?? (await alternatesReason(commonDir));
  if (odd !== null) return odd;
  const names = await readdir(gitDir).catch(() => []);
  const sharedIndexes = names.filter((name) => /^sharedindex\.[0-9a-f]+$/.test(name));
  const filesReason = await oddFiles(found, sharedIndexes, budget);
  const owned = await Promise.all([root, entry, gitDir, commonDir].map((path) => lstat(path)))
    .then((all) => all.every(({ uid }) => uid === process.geteuid?.()))
    .catch(() => false);
  return { ...found, filesReason, sharedIndexes, isOurs: owned };
}

/** The folder that the work trees of one repository share; null when none leads there safely. */
export async function sharedFolderOf(root: string): Promise<string | null> {
  const entry = join(root, ".git");
  const stats = await lstat(entry).catch(() => null);
  const found = stats === null ? "gone" : await foundAt(root, entry, stats);
  return typeof found === "string" ? null : found.commonDir;
}

async function foundAt(root: string, entry: string, stats: Stats): Promise<Found | GitReason> {
  if (stats.isSymbolicLink()) return "foreign";
  if (stats.isDirectory()) {
    const isShared = await isThere(join(entry, "commondir"));
    return isShared ? "foreign" : { root, gitDir: entry, commonDir: entry, kind: "plain" };
  }
  const pointer = /^gitdir: ([^\n]+)\n?$/.exec(textAt(entry) ?? "")?.[1];
  if (pointer === undefined) return "odd_layout";
  const gitDir = await real(resolve(root, pointer));
  if (gitDir === null) return "broken";
  if (!(await isThere(join(gitDir, "commondir")))) {
    return { root, gitDir, commonDir: gitDir, kind: "submodule" };
  }
  const commonDir = await real(resolve(gitDir, textAt(join(gitDir, "commondir"))?.trim() ?? ""));
  // A linked work tree's folder lies in the shared repository, where only its owner writes.
  if (commonDir === null || dirname(gitDir) !== join(commonDir, "worktrees")) return "foreign";
  const back = textAt(join(gitDir, "gitdir"))?.trim() ?? "";
  const named = resolve(gitDir, back);
  const isNamed = basename(named) === ".git" && (await real(dirname(named))) === root;
  return isNamed ? { root, gitDir, commonDir, kind: "linked" } : "unproven";
}

/** Checks everything that leads to commits. A missing part that git would read may still appear. */
async function oddHistory({ gitDir, commonDir }: Found, budget: Budget): Promise<GitReason | null> {
  const common = ["objects", "refs", "packed-refs", "reftable", "shallow", "config"];
  const own = ["HEAD", "refs", "reftable", "config.worktree"];
  const paths = new Set([
    ...common.map((name) => join(commonDir, name)),
    ...own.map((name) => join(gitDir, name)),
  ]);
  return firstReason([...paths].map((path) => oddEntry(path, commonDir, budget)));
}

/** Checks everything by which git compares files with commits. */
async function oddFiles(
  { gitDir, commonDir }: Found,
  shared: readonly string[],
  budget: Budget,
): Promise<GitReason | null> {
  const paths = [
    ...["index", "info/sparse-checkout", ...shared].map((name) => join(gitDir, name)),
    ...["info", "info/exclude", "info/attributes"].map((name) => join(commonDir, name)),
  ];
  const indexes = ["index", ...shared].map((name) => tooLarge(join(gitDir, name)));
  return firstReason([...paths.map((path) => oddEntry(path, commonDir, budget)), ...indexes]);
}

/**
 * The reason for an index that fills more memory than git may have; a sparse file takes no space on
 * disk.
 */
async function tooLarge(path: string): Promise<GitReason | null> {
  const entry = await lstat(path).catch(() => null);
  return entry !== null && entry.size > gitMemoryBytesMax ? "odd_layout" : null;
}

async function firstReason(looks: readonly Promise<GitReason | null>[]): Promise<GitReason | null> {
  const reasons = await Promise.all(looks);
  return reasons.find((reason) => reason === "foreign") ?? reasons.find((each) => each) ?? null;
}

/** A repository may name its own objects as its alternates, and no others. */
async function alternatesReason(commonDir: string): Promise<GitReason | null> {
  const objects = join(commonDir, "objects");
  const path = join(objects, "info", "alternates");
  const text = textAt(path);
  // Git reads an existing list that is too long for this check all the same.
  if (text === null) return (await isThere(path)) ? "odd_layout" : null;
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.every((line) => resolve(objects, line) === objects) ? null : "foreign";
}

/** True for a path, named by a repository's config, in the repository or its work tree. */
export async function isOfRepository({ root, commonDir }: Found, path: string): Promise<boolean> {
  const at = await real(resolve(root, path));
  return at !== null && (isInside(at, root) || isInside(at, commonDir));
}

/** True for a path, named by a repository's config, that is its work tree. */
export const isItsRoot = async ({ root, gitDir }: Found, path: string): Promise<boolean> =>
  (await real(resolve(gitDir, path))) === root;

function textAt(path: string): string | null {
  const bytes = readInPlace(path, smallFileBytesMax);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

const isThere = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => null)) !== null;

const real = (path: string): Promise<string | null> => realpath(path).catch(() => null);
