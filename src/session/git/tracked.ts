/**
 * The identity of a repository, and the changed files that git tracks in it. Two clones of one
 * repository have one identity; a history that was cut has none.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GitReason } from "../../contract/lease.ts";
import { overlapPathsMax } from "../../contract/overlap/limits.ts";
import { frozenEnvironment, type RunGit } from "./frozen.ts";
import type { Head } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { isOn, lastOf, type Settings } from "./settings.ts";

interface Chain {
  readonly repository: Repository;
  readonly own: Settings;
  readonly head: Head;
}

interface Parts {
  readonly run: RunGit;
  readonly folder: string;
}

/** Identities by repository and commit: a history of any length is walked once a commit. */
const known = new Map<string, string>();
const knownMax = 64;

/**
 * The root of HEAD's first-parent chain, or the reason why there is none: no commit, or a history
 * that is shallow, grafted or fetched in part, whose end is not its root.
 */
export async function identityOf(
  { repository, own, head }: Chain,
  { run, folder }: Parts,
): Promise<string | GitReason> {
  const { commonDir } = repository;
  if (head.sha === null) return "no_commit";
  const cut = cutOf(commonDir, own);
  if (cut !== null) return cut;
  const key = `${commonDir} ${head.sha}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const words = ["rev-list", "--first-parent", "--max-parents=0", head.sha, "--"];
  const listed = await run(words, frozenEnvironment(folder, repository));
  const root = /^([0-9a-f]{40,64})\n$/.exec(
    listed === null ? "" : new TextDecoder().decode(listed.output),
  )?.[1];
  if (root === undefined) return "broken";
  if (known.size >= knownMax) known.clear();
  known.set(key, root);
  return root;
}

/** The way in which a history was cut; null for a complete one. */
function cutOf(commonDir: string, own: Settings): GitReason | null {
  if (existsSync(join(commonDir, "shallow"))) return "shallow";
  if (existsSync(join(commonDir, "info/grafts"))) return "grafted";
  const isPartial =
    lastOf(own, "extensions.partialclone") !== undefined ||
    [...own.keys()].some((key) => /^remote\..*\.promisor$/.test(key) && isOn(own, key));
  return isPartial ? "partial" : null;
}

/** The changed tracked files of a work tree, for comparison within its repository. */
export interface ChangedPaths {
  readonly identity: string;
  /** Below the work tree's root, with `/` between the parts. */
  readonly paths: readonly string[];
  readonly more: boolean;
}

/** The changed files: their number, and their lines of `git status`. */
export interface ChangedFiles {
  readonly count: number;
  readonly records: readonly string[];
}

/** Reads the changed files; a reason when they cannot be told. */
export async function readChanged(
  { repository }: Pick<Chain, "repository">,
  { run, folder }: Parts,
): Promise<ChangedFiles | GitReason> {
  if (repository.filesReason !== null) return repository.filesReason;
  const environment = frozenEnvironment(folder, repository);
  const status = await run(
    [
      ...["-C", repository.root, "status", "--porcelain=v2", "-z", "--untracked-files=normal"],
      ...["--ignore-submodules=all", "--no-renames", "--no-ahead-behind"],
    ],
    environment,
  );
  if (status === null) return "broken";
  const output = new TextDecoder("latin1").decode(status.output);
  const records = output.split("\0").filter((record) => /^[12u?] /.test(record));
  // Only its content differs from the index: a filter could make it equal.
  const compared = records.filter((record) => record.startsWith("1 .M "));
  const paths = compared.map((record) => record.split(" ").slice(8).join(" "));
  const found = { count: records.length, records };
  if (paths.length === 0) return found;
  const asked = Buffer.from(`${paths.join("\0")}\0`, "latin1");
  const words = ["-C", repository.root, "check-attr", "-z", "--stdin", "filter"];
  const attributes = await run(words, environment, asked);
  if (attributes === null) return "broken";
  const values = new TextDecoder("latin1").decode(attributes.output).split("\0");
  const isFiltered = values.some((value, at) => at % 3 === 2 && !isNoFilter.test(value));
  return isFiltered ? "filtered" : found;
}

const isNoFilter = /^(unspecified|unset)$/;

/** Tracked files in lines of `git status --porcelain=v2`; a name that is not UTF-8 is left out. */
export function trackedIn(records: readonly string[]) {
  const paths: string[] = [];
  for (const record of records) {
    // `1 XY sub mH mI mW hH hI path`, and with three stages `u XY sub m1 m2 m3 mW h1 h2 h3 path`.
    const fields = record.startsWith("1 ") ? 8 : record.startsWith("u ") ? 10 : 0;
    if (fields === 0) continue;
    const path = Buffer.from(record.split(" ").slice(fields).join(" "), "latin1").toString("utf8");
    if (path.includes("\ufffd")) continue;
    if (paths.length === overlapPathsMax) return { paths, more: true };
    paths.push(path);
  }
  return { paths, more: false };
}
