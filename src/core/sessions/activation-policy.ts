/**
 * Decides whether the settings of a home let a session take a handle by itself. Compares paths as
 * they are written, by whole parts; touches none of them. The hook follows links, and says so.
 */

import type { HookRefusal } from "../../contract/lease.ts";

/** What the user lets sessions do by themselves. */
export interface Policy {
  readonly activate: "repositories" | "folders" | "none";
  /** Absolute paths, or such that begin with `~`. */
  readonly folders: readonly string[];
  /** Folders in which none takes a handle, whatever else is said. */
  readonly exclude: readonly string[];
  readonly headless: boolean;
}

/** Where a session is, and whether anybody sits in front of it. */
export interface Place {
  /** The work tree, links resolved; null outside of one. */
  readonly root: string | null;
  readonly cwd: string;
  /** The hook, which follows links, found the folder in one that is excluded. */
  readonly excluded?: boolean | undefined;
  readonly headless: boolean;
}

/**
 * Why a session may not take a handle by itself; null when it may. `homes` is what `~` stands
 * for: where it is a link, also what it points to.
 */
export function refusalBy(
  policy: Policy,
  place: Place,
  homes: readonly string[],
): HookRefusal | null {
  const { root, cwd, excluded, headless } = place;
  if (policy.activate === "none") return "off";
  if (headless && !policy.headless) return "headless";
  if (root === null) return "no_repository";
  const isIn = (folder: string, fold: Fold): boolean =>
    expanded(folder, homes).some((path) => isUnder(root, path, fold) || isUnder(cwd, path, fold));
  // Where nobody knows what a folder is, it may be this one.
  const excludes = (folder: string): boolean =>
    expanded(folder, homes).length === 0 || isIn(folder, looseFold);
  if (excluded || policy.exclude.some(excludes)) return "folder";
  const named = policy.activate === "repositories";
  return named || policy.folders.some((folder) => isIn(folder, exactFold)) ? null : "folder";
}

function expanded(folder: string, homes: readonly string[]): readonly string[] {
  return folder.startsWith("~") ? homes.map((home) => `${home}/${folder.slice(1)}`) : [folder];
}

type Fold = (part: string) => string;

const exactFold: Fold = (part) => part;
/** Some systems take these for one name: what is excluded there is excluded here too. */
const looseFold: Fold = (part) => part.normalize("NFC").toLowerCase();

/** Whether a path is a folder or under it. */
function isUnder(path: string, folder: string, fold: Fold): boolean {
  const parts = partsOf(path);
  return partsOf(folder).every((part, at) => fold(part) === fold(parts[at] ?? ""));
}

const partsOf = (path: string): readonly string[] =>
  path.split("/").filter((part) => part !== "" && part !== ".");
