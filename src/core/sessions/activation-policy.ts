/**
 * Decides whether the settings of a home let a session take a handle by itself. Compares paths as
 * text, component by component; touches no file. The hook follows links, and reports them.
 */

import type { HookRefusal } from "../../contract/lease.ts";

/** The user's rules for sessions that take handles by themselves. */
export interface Policy {
  readonly activate: "repositories" | "folders" | "none";
  /** Paths that are absolute or begin with `~`. */
  readonly folders: readonly string[];
  /** Folders in which no session takes a handle, whatever else is set. */
  readonly exclude: readonly string[];
  readonly headless: boolean;
}

/** A session's folder, and whether a person uses the session. */
export interface Place {
  /** The work tree, links resolved; null outside of one. */
  readonly root: string | null;
  readonly cwd: string;
  /** True when the hook, which follows links, found the folder in an excluded one. */
  readonly excluded?: boolean | undefined;
  readonly headless: boolean;
}

/**
 * The reason why a session may not take a handle by itself; null when it may. `homes` holds the
 * meanings of `~`: the home, and its target when it is a link.
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
  // A folder that cannot be identified may be this one.
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
/** Some systems treat these as one name: an exclusion there applies here too. */
const looseFold: Fold = (part) => part.normalize("NFC").toLowerCase();

/** True when a path is a folder or lies below it. */
function isUnder(path: string, folder: string, fold: Fold): boolean {
  const parts = partsOf(path);
  return partsOf(folder).every((part, at) => fold(part) === fold(parts[at] ?? ""));
}

const partsOf = (path: string): readonly string[] =>
  path.split("/").filter((part) => part !== "" && part !== ".");
