/**
 * Whether the repository that a folder's `.git` leads to is that folder's own. A folder from
 * elsewhere may name a repository that it has nothing to do with, so that reading the folder tells
 * of that one. Runs nothing.
 */

import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { readBounded } from "./bounded.ts";

/**
 * True for a `.git` folder that keeps its own history, and for a linked work tree or submodule
 * whose repository names this folder back (gitrepository-layout(5)). Throws nothing.
 */
export async function isOwnRepository(root: string): Promise<boolean> {
  const entry = join(root, ".git");
  const stats = await lstat(entry).catch(() => null);
  if (stats === null || stats.isSymbolicLink()) return false;
  if (stats.isDirectory()) return keepsItsOwn(entry);
  const pointer = /^gitdir: ([^\n]+)\n?$/.exec(readBounded(entry) ?? "")?.[1];
  const folder = pointer === undefined ? null : await real(resolve(root, pointer));
  if (folder === null) return false;
  const common = readBounded(join(folder, "commondir"))?.trim();
  if (common !== undefined) return isLinked(root, folder, common);
  return !(await isThere(join(folder, "commondir"))) && isSubmodule(root, folder);
}

/** Neither shares another's history nor reaches for it by a link. */
async function keepsItsOwn(entry: string): Promise<boolean> {
  if (await isThere(join(entry, "commondir"))) return false;
  const branch = /^ref: (refs\/[^\n]+)\n?$/.exec(readBounded(join(entry, "HEAD")) ?? "")?.[1] ?? "";
  const parts = branch.split("/");
  const steps = parts.map((_, at) => parts.slice(0, at + 1).join("/"));
  const linked = ["HEAD", "objects", "refs", "packed-refs", ...steps].map((name) =>
    lstat(join(entry, name)).then(
      (found) => found.isSymbolicLink(),
      () => false,
    ),
  );
  return !(await Promise.all(linked)).includes(true);
}

/** A linked work tree's folder lies in the repository it shares, where only its owner writes. */
async function isLinked(root: string, folder: string, common: string): Promise<boolean> {
  const shared = await real(resolve(folder, common));
  if (shared === null || dirname(folder) !== join(shared, "worktrees")) return false;
  const back = readBounded(join(folder, "gitdir"))?.trim();
  if (back === undefined) return false;
  const entry = resolve(folder, back);
  return basename(entry) === ".git" && (await real(dirname(entry))) === root;
}

async function isSubmodule(root: string, folder: string): Promise<boolean> {
  const config = readBounded(join(folder, "config")) ?? "";
  const back = /^\s*worktree\s*=\s*(.+?)\s*$/m.exec(config)?.[1];
  return back !== undefined && (await real(resolve(folder, back))) === root;
}

const real = (path: string): Promise<string | null> => realpath(path).catch(() => null);

const isThere = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => null)) !== null;
