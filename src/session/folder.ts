/** Finds a folder's work tree, and the name of the work in it. Runs no program. */

import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { projectBytesMax } from "../contract/limits.ts";

/**
 * The work tree of a folder, links resolved; null outside of one. Looks for the same entry as git,
 * so that git never runs outside a work tree.
 */
export async function workTreeOf(cwd: string): Promise<string | null> {
  let folder = await realpath(cwd).catch(() => null);
  while (folder !== null && !(await isWorkTree(folder))) {
    const parent = dirname(folder);
    folder = parent === folder ? null : parent;
  }
  return folder;
}

/** The nearest folder that exists on the way to a path: the path itself, or one above it. */
export async function folderAt(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null);
    if (found?.isDirectory() === true || at === dirname(at)) return at;
  }
}

/** A `.git` file points to a repository; a `.git` folder with a HEAD is one. */
export async function isWorkTree(folder: string): Promise<boolean> {
  const entry = await stat(join(folder, ".git")).catch(() => null);
  if (entry === null) return false;
  if (entry.isFile()) return true;
  return (await lstat(join(folder, ".git", "HEAD")).catch(() => null)) !== null;
}

/** The name of the work in a folder: the folder's own name, at most 64 bytes. */
export function projectOf(root: string): string {
  // A folder may have any name; a character that a project may not have is shown as U+FFFD.
  const name = (basename(root) || root).replace(/\p{Cc}/gu, "\ufffd");
  return cutBytes(name, projectBytesMax);
}

/** Cuts well-formed text between two characters, to at most that many UTF-8 bytes. */
export function cutBytes(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text.toWellFormed(), new Uint8Array(bytesMax));
  return text.toWellFormed().slice(0, read);
}
