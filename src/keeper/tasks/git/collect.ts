/**
 * Collects the changes of a run into one commit on its base, and packs them. The tree is hostile by
 * now: git works on it inside walls, starts from the index of the checkout, and takes no repository
 * of the tree for one.
 */

import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundleBytesMax, resultFilesMax } from "../../../contract/tasks/limits.ts";
import type { Measured } from "../../../contract/tasks/task.ts";
import { fileDigest } from "../digest.ts";
import { holdsIn } from "../holding.ts";
import { bound } from "./repository.ts";
import { cleanIndex, type TaskGit } from "./tree.ts";
import { gitPaths, type Walled, type WalledGit, type WalledGiven } from "./walled.ts";

/** Changes of a tree, as they were measured. */
export type Changes = Pick<
  Measured,
  "commit" | "files" | "files_count" | "added" | "deleted" | "nested_repositories" | "bundle"
>;

/** Changes of a tree that has none. */
export const noChanges: Changes = {
  ...{ commit: null, files: [], files_count: 0, added: 0, deleted: 0 },
  ...{ nested_repositories: [], bundle: null },
};

/** Dependencies of collecting. */
export interface CollectParts extends TaskGit {
  readonly base: string;
  readonly taskId: string;
  /** The instant of the commit, since 1970. */
  readonly wallMs: number;
  /** The path at which the bundle of the result is put. */
  readonly bundle: string;
  /** True when bytes must not leave; null where there is no credential. */
  readonly holds: ((bytes: Uint8Array) => boolean) | null;
}

/** Repositories in a tree; one with more of them is no result. */
const nestedMax = 256;
const nestedToldMax = 64;
const ref = "refs/heads/task";
const indexName = "index.result";

/** Programs that work on the tree, inside walls. */
export interface CollectTools {
  /** The real path of git. */
  readonly program: string;
  readonly walled: Walled;
  readonly git: WalledGit;
}

/** Collects; a text is the reason why it cannot, one of our own words. */
export async function collectChanges(
  parts: CollectParts,
  { walled, git, program }: CollectTools,
): Promise<Changes | string> {
  const { base } = parts;
  const binds = [bound(parts.git, gitPaths.git, true), bound(parts.tree, gitPaths.tree)];
  const environment = {
    ...{ GIT_WORK_TREE: gitPaths.tree, GIT_INDEX_FILE: `${gitPaths.git}/${indexName}` },
    ...identityOf(parts),
  };
  const given = { binds, environment, chdir: gitPaths.tree };
  const run: Run = (words, input = "") => git(words, { ...given, input });
  copyFileSync(join(parts.git, cleanIndex), join(parts.git, indexName));
  const nested = await listed(walled, findNested, given);
  if (nested === null || nested.length > nestedMax) return "nested_repositories";
  const links = await listed(walled, ["/bin/sh", "-c", listLinks, "sh", program], given);
  if (links === null) return "collect";
  const tree = await treeOf(run, { nested, links });
  if (tree === null) return "uncommittable";
  const before = (await run(["rev-parse", `${base}^{tree}`]))?.trim();
  const told = { nested_repositories: nested.slice(0, nestedToldMax) };
  if (tree === before) return { ...noChanges, ...told };
  const commit = (await run(["commit-tree", tree, "-p", base, "-m", messageOf(parts)]))?.trim();
  if (before === undefined || commit === undefined) return "collect";
  if (parts.holds !== null && !(await isClean(parts, { walled, program, given }, commit))) {
    return credentialHeld;
  }
  const changes = await changesIn(run, parts, commit);
  return typeof changes === "string" ? changes : { ...changes, ...told };
}

/** The reason of a result that holds a credential: nothing of it leaves. */
export const credentialHeld = "credential";

/** Every object that a commit adds, whole, in one file. */
const listAdded =
  '"$1" rev-list --objects --no-object-names "$2" "^$3" | ' +
  `"$1" cat-file --batch > ${gitPaths.git}/added`;

/** True when no object that a commit adds holds a credential. A pack would hide it. */
async function isClean(
  { git, base, holds }: CollectParts,
  { walled, program, given }: Pick<CollectTools, "walled" | "program"> & { given: WalledGiven },
  commit: string,
): Promise<boolean> {
  const added = join(git, "added");
  try {
    const words = ["/bin/sh", "-c", listAdded, "sh", program, commit, base];
    const ran = await walled(words, given);
    return ran?.exit === 0 && holds !== null && !holdsIn(added, holds);
  } finally {
    rmSync(added, { force: true });
  }
}

type Run = (words: readonly string[], input?: string) => Promise<string | null>;

const messageOf = ({ taskId }: CollectParts): string => `peernet task ${taskId}`;

/** A commit of ours says nothing of the machine, nor of its user. */
function identityOf({ wallMs }: CollectParts): Readonly<Record<string, string>> {
  const date = `${Math.floor(wallMs / 1_000)} +0000`;
  return {
    ...{ GIT_AUTHOR_NAME: "peernet", GIT_AUTHOR_EMAIL: "task@peernet.invalid" },
    ...{ GIT_COMMITTER_NAME: "peernet", GIT_COMMITTER_EMAIL: "task@peernet.invalid" },
    ...{ GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  };
}

/** Folders below the root that hold a `.git`. */
const findNested = [
  ...["/usr/bin/find", ".", "-mindepth", "2", "-name", ".git", "-prune", "-printf", "%h\\0"],
];
/** Submodules of the base. */
const listLinks = `"$1" ls-files -s -z | grep -z '^160000 ' | cut -z -f2-; true`;

/** Paths that a program lists, each with a NUL behind it; null when it could not. */
async function listed(
  walled: Walled,
  words: readonly string[],
  given: WalledGiven,
): Promise<readonly string[] | null> {
  // A folder that may not be entered ends the search with an error; git may not enter it either.
  const ran = await walled(words, given);
  if (ran === null) return null;
  const paths = new TextDecoder().decode(ran.output).split("\0").filter(Boolean);
  return paths.map((path) => path.replace(/^\.\//, ""));
}

interface LeftOut {
  readonly nested: readonly string[];
  readonly links: readonly string[];
}

/** Writes the tree of the files; null when git refuses one. Submodules stay as in the base. */
async function treeOf(run: Run, { nested, links }: LeftOut): Promise<string | null> {
  // Git looks into no submodule whose entry it may skip.
  const skip = ["update-index", "--skip-worktree", "-z", "--stdin"];
  if (links.length > 0 && (await run(skip, joined(links))) === null) return null;
  const paths = [":(top)", ...nested.map((path) => `:(top,exclude,literal)${path}`)];
  const add = ["add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul"];
  if ((await run(add, joined(paths))) === null) return null;
  return (await run(["write-tree"]))?.trim() ?? null;
}

const joined = (paths: readonly string[]): string => paths.map((path) => `${path}\0`).join("");

/** The changed files of a commit, and its bundle. */
async function changesIn(
  run: Run,
  parts: CollectParts,
  commit: string,
): Promise<Omit<Changes, "nested_repositories"> | string> {
  const { base } = parts;
  const changed = await run([
    ...["diff-tree", "-r", "-z", "--raw", "--numstat", "--no-renames", "--no-ext-diff"],
    ...["--no-textconv", base, commit],
  ]);
  const files = changed === null ? null : changedIn(changed);
  if (files === null || files.length > resultFilesMax) return "too_many_files";
  const made = join(parts.git, "result.bundle");
  const packing = ["bundle", "create", "-q", `${gitPaths.git}/result.bundle`, `${base}..${ref}`];
  if ((await run(["update-ref", ref, commit])) === null || (await run(packing)) === null) {
    return "collect";
  }
  const bundle = fileDigest(made);
  if (bundle.bytes > bundleBytesMax) {
    rmSync(made);
    return "bundle_too_large";
  }
  renameSync(made, parts.bundle);
  const sum = (of: "added" | "deleted"): number =>
    files.reduce((total, each) => total + (each[of] ?? 0), 0);
  const counts = { files_count: files.length, added: sum("added"), deleted: sum("deleted") };
  return { commit, files, ...counts, bundle };
}

/** The changed files of `diff-tree -z --raw --numstat`. */
export function changedIn(output: string): Measured["files"] {
  const parts = output.split("\0");
  const modes = new Map<string, string>();
  const files: Measured["files"] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? "";
    if (part.startsWith(":")) {
      at += 1;
      const [before = "", after = ""] = part.slice(1).split(" ");
      modes.set(parts[at] ?? "", after === "000000" ? before : after);
      continue;
    }
    const [added, deleted, ...path] = part.split("\t");
    if (added === undefined || deleted === undefined) continue;
    const name = path.join("\t");
    const count = (text: string) => (text === "-" ? null : Number(text));
    const mode = modes.get(name) ?? "000000";
    files.push({ path: name, added: count(added), deleted: count(deleted), mode });
  }
  return files;
}
