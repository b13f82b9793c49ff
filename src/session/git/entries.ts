/**
 * Checks the entries of a repository before git reads them. A link may lead git out of the
 * repository, and a pipe or device may hang it: each gives a reason. Runs no program.
 */

import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { GitReason } from "../../contract/lease.ts";
import { gitEntriesMax } from "../../contract/limits.ts";

/** True for a real path that is the folder or lies below it. */
export const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}${sep}`);

/** Counts entries across several checks. */
export interface Budget {
  left: number;
}

/** The limit of entries in one repository. */
export const fullBudget = (): Budget => ({ left: gitEntriesMax });

/**
 * Returns null when a path and everything below it are folders and regular files, or when the path
 * does not exist. `home` is the repository's real folder.
 */
export async function oddEntry(
  path: string,
  home: string,
  budget: Budget,
): Promise<GitReason | null> {
  const entry = await lstat(path).catch(() => null);
  return entry === null ? null : oddKind(path, entry, { home, budget });
}

interface Look {
  readonly home: string;
  readonly budget: Budget;
}

type Kind = Pick<Stats | Dirent, "isFile" | "isDirectory" | "isSymbolicLink">;

async function oddKind(path: string, entry: Kind, look: Look): Promise<GitReason | null> {
  look.budget.left -= 1;
  if (look.budget.left < 0) return "odd_layout";
  if (entry.isFile()) return null;
  if (entry.isDirectory()) return oddBelow(path, look);
  if (!entry.isSymbolicLink()) return "odd_layout";
  const real = await realpath(path).catch(() => null);
  return real !== null && isInside(real, look.home) ? "odd_layout" : "foreign";
}

async function oddBelow(folder: string, look: Look): Promise<GitReason | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (entries === null) return "broken";
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      const isKnown = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
      // Some file systems report no kinds with the names.
      return isKnown ? oddKind(path, entry, look) : oddEntry(path, look.home, look.budget);
    }),
  );
  return found.find((reason) => reason === "foreign") ?? found.find((reason) => reason) ?? null;
}
