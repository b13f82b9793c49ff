/**
 * Finds the git of this system. The PATH of a session may name programs from a work tree, so PATH
 * is ignored. Git is looked up in the systems' own program folders, and judged by the real place of
 * its file and by who may write there. Runs no program.
 */

import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isWorkTree } from "../folder.ts";

/** Folders in which systems and their package managers put programs. */
const programFolders = [
  "/usr/bin",
  "/bin",
  "/usr/local/bin",
  "/run/current-system/sw/bin",
  "/run/current-system/profile/bin",
  "/nix/var/nix/profiles/default/bin",
  "/opt/local/bin",
  "/opt/homebrew/bin",
  "/home/linuxbrew/.linuxbrew/bin",
  "/usr/pkg/bin",
  "/snap/bin",
] as const;

let found: string | null = null;

/** The path of this system's git, links resolved; null when none is safe to run. Looked up once. */
export async function systemGit(): Promise<string | null> {
  found ??= await systemProgram("git");
  return found;
}

/** The path of a program of this system, links resolved; null when none is safe to run. */
export async function systemProgram(name: string): Promise<string | null> {
  for (const folder of programFolders) {
    const sound = await soundProgram(join(folder, name));
    if (sound !== null) return sound;
  }
  return null;
}

const writableByOthers = 0o022;
const sticky = 0o1000;
const executable = 0o111;

/**
 * The real path of a program, links resolved; null when it is not safe. Safe means: only root, the
 * system's owner or this user can write the file, or replace a folder on the way to it. No folder
 * on the way is a work tree.
 */
export async function soundProgram(path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => null);
  if (real === null) return null;
  const file = await stat(real).catch(() => null);
  if (file === null || !file.isFile() || (file.mode & executable) === 0) return null;
  const owners = await trustedOwners();
  for (let at = real; ; at = dirname(at)) {
    const entry = await lstat(at).catch(() => null);
    if (entry === null || !owners.has(entry.uid)) return null;
    // In a sticky folder others can add names, but replace none.
    const isOpen = (entry.mode & writableByOthers) !== 0 && (entry.mode & sticky) === 0;
    if (isOpen || (at !== real && (await isWorkTree(at)))) return null;
    if (at === dirname(at)) return real;
  }
}

/** Root, this user, and the owner of `/`: in a user namespace root may have another number. */
async function trustedOwners(): Promise<ReadonlySet<number | undefined>> {
  const system = await stat("/").catch(() => null);
  return new Set([0, process.geteuid?.(), system?.uid]);
}
