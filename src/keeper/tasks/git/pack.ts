/**
 * Finds the base of a task in a person's own clone, and packs the commits that the other machine
 * may lack. Changes nothing in the clone: uncommitted changes become a commit of a repository of
 * ours.
 */

import {
  copyFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { PackEnd, PackErrand } from "../../../contract/tasks/errands.ts";
import { bundleBytesMax } from "../../../contract/tasks/limits.ts";
import type { AskedRefs, Commits } from "../../../session/commits.ts";
import { fileDigest } from "../digest.ts";
import { makeFolder, partNames, taskNames } from "../folder.ts";
import { bound, makeRepository } from "./repository.ts";
import { gitPaths, type WalledGit } from "./walled.ts";

/** Dependencies of packing. */
export interface PackParts {
  /** The folder of the round's parts. */
  readonly folder: string;
  readonly commitsOf: (path: string, refs: AskedRefs) => Promise<Commits | string>;
  readonly gitOf: (program: string) => WalledGit;
  readonly wallMs: () => number;
}

type Errand = ReturnType<typeof PackErrand.parse>;
type End = ReturnType<typeof PackEnd.parse>;
type Why = Extract<End, { packed: false }>["why"];

const refused = (why: Why, detail: string): End => ({
  ...{ packed: false, why, detail: detail.slice(0, 1_024) },
});

const ref = "refs/heads/task";
const remotes = /^refs\/remotes\/[^/]+\//;

/** Packs; a repeated call packs again. */
export async function packBase(parts: PackParts, errand: Errand): Promise<End> {
  const { folder: cwd, at } = errand;
  const named = new Set(at === null ? [] : candidatesOf(at));
  const wanted = (name: string): boolean => named.has(name) || remotes.test(name);
  const commits = await parts.commitsOf(cwd, wanted);
  if (typeof commits === "string") {
    return refused("not_a_clone", `${cwd} is no clone that can be read (${commits})`);
  }
  makeFolder(parts.folder);
  const scratch = join(parts.folder, taskNames.git);
  rmSync(scratch, { recursive: true, force: true });
  try {
    makeRepository(scratch, commits.format);
    return await packed({ ...parts, scratch, commits, errand });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    removeEmpty(parts.folder);
  }
}

/** Removes the folder of a round without parts, and that of its task. */
function removeEmpty(folder: string): void {
  for (const each of [folder, dirname(folder)]) {
    if (readdirSync(each).length > 0) return;
    rmdirSync(each);
  }
}

/** Full names that a ref may stand for, as git looks for them. */
function candidatesOf(at: string): readonly string[] {
  const [name = ""] = at.split(/[~^@:]/);
  const full = ["refs/heads/", "refs/tags/", "refs/remotes/", "refs/", ""].map(
    (prefix) => `${prefix}${name}`,
  );
  return [...full, `refs/remotes/${name}/HEAD`];
}

interface Packing extends PackParts {
  readonly scratch: string;
  readonly commits: Commits;
  readonly errand: Errand;
}

/** Runs git on the clone's objects through a repository of ours. */
function runIn({ scratch, commits, gitOf, wallMs }: Packing) {
  const git = gitOf(commits.git);
  const date = `${Math.floor(wallMs() / 1_000)} +0000`;
  const given = {
    binds: [
      bound(scratch, gitPaths.git, true),
      bound(commits.objects, gitPaths.objects),
      bound(commits.root, gitPaths.tree),
    ],
    environment: {
      GIT_ALTERNATE_OBJECT_DIRECTORIES: gitPaths.objects,
      GIT_WORK_TREE: gitPaths.tree,
      ...{ GIT_AUTHOR_NAME: "peernet", GIT_AUTHOR_EMAIL: "task@peernet.invalid" },
      ...{ GIT_COMMITTER_NAME: "peernet", GIT_COMMITTER_EMAIL: "task@peernet.invalid" },
      ...{ GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    },
    chdir: gitPaths.tree,
  };
  return (words: readonly string[], input?: string) =>
    git(words, input === undefined ? given : { ...given, input });
}

async function packed(packing: Packing): Promise<End> {
  const { commits, errand, scratch } = packing;
  const { at, wip, bundle } = errand;
  const { head, root } = commits;
  if (at === null && head === null) return refused("no_commit", `${root} has no commit yet`);
  layOut(packing);
  const run = runIn(packing);
  const name = at ?? head ?? "";
  const words = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
  const found = (await run(words))?.trim();
  if (found === undefined) return refused("ref", `${root} has no commit ${name.slice(0, 256)}`);
  const changed = await changedIn(run, scratch);
  if (changed === null) return refused("failed", "git could not compare the work tree");
  const committed = wip && at === null ? await committedWip(run, found) : found;
  if (committed === null) return refused("failed", "git could not commit the changes");
  const hasWip = committed !== found;
  const left_out = hasWip ? changed.untracked : changed.tracked + changed.untracked;
  const told = { packed: true, root, base: committed, left_out } as const;
  if (!bundle && !hasWip) return { ...told, bundle: null };
  return bundled(packing, run, { ...told, bundle: null });
}

type Run = ReturnType<typeof runIn>;

/** Gives our repository the refs that a person may name, and the index of the work tree. */
function layOut({ scratch, commits }: Packing): void {
  const { tips, head, commonDir, gitDir } = commits;
  const lines = [...tips].toSorted().map(([name, sha]) => `${sha} ${name}\n`);
  writeFileSync(join(scratch, "packed-refs"), `# pack-refs with: sorted \n${lines.join("")}`);
  if (head !== null) writeFileSync(join(scratch, "HEAD"), `${head}\n`);
  const files = [
    [join(commonDir, "shallow"), "shallow"],
    [join(commonDir, "info", "exclude"), "info/exclude"],
    [join(gitDir, "index"), "index"],
  ] as const;
  for (const [from, name] of files) if (existsSync(from)) copyFileSync(from, join(scratch, name));
}

/** The numbers of changed files; null when they cannot be compared. */
async function changedIn(run: Run, scratch: string) {
  const hasIndex = existsSync(join(scratch, "index"));
  if (!hasIndex) return { tracked: 0, untracked: 0 };
  const quiet = ["--ignore-submodules=all", "--no-ext-diff"];
  const tracked = await run(["diff-index", "-z", "--name-only", ...quiet, "HEAD"]);
  const untracked = await run(["ls-files", "-z", "--others", "--exclude-standard", "--directory"]);
  if (tracked === null || untracked === null) return null;
  const count = (text: string): number => text.split("\0").filter(Boolean).length;
  return { tracked: count(tracked), untracked: count(untracked) };
}

/** A commit of the tracked changes on another one, or that one when nothing changed; else null. */
async function committedWip(run: Run, on: string): Promise<string | null> {
  // Untracked files stay here: they may be secrets that only the user's own settings ignore.
  if ((await run(["add", "-u", "--", ":(top)"])) === null) return null;
  const tree = (await run(["write-tree"]))?.trim();
  const before = (await run(["rev-parse", `${on}^{tree}`]))?.trim();
  if (tree === undefined || before === undefined) return null;
  if (tree === before) return on;
  const message = "uncommitted changes, sent by peernet";
  return (await run(["commit-tree", tree, "-p", on, "-m", message]))?.trim() ?? null;
}

type Packed = Extract<End, { packed: true }>;

/** The bundle of the commits that no remote has; none when a remote has the base. */
async function bundled(packing: Packing, run: Run, told: Packed): Promise<End> {
  const { scratch, folder, commits } = packing;
  const known = [...commits.tips].filter(([name]) => remotes.test(name)).map(([, sha]) => sha);
  const list = (not: readonly string[]) =>
    `${told.base}\n${not.map((sha) => `^${sha}\n`).join("")}`;
  const missing = await run(["rev-list", "--max-count=1", "--stdin"], list(known));
  if (missing === null) return refused("objects_missing", "this clone lacks objects of the base");
  if (missing === "") return told;
  // Without a remote, the other machine is expected to have the commit before.
  const before = (await run(["rev-parse", `${told.base}^@`]))?.split("\n").filter(Boolean) ?? [];
  if ((await run(["update-ref", ref, told.base])) === null) return refused("failed", "no ref");
  const made = `${gitPaths.git}/made.bundle`;
  const words = ["bundle", "create", "-q", made, ref, "--stdin"];
  const input = (known.length > 0 ? known : before).map((sha) => `^${sha}\n`).join("");
  if ((await run(words, input)) === null) {
    return refused("objects_missing", "this clone lacks objects of the base");
  }
  const path = join(scratch, "made.bundle");
  const bundle = fileDigest(path);
  if (bundle.bytes > bundleBytesMax) {
    return refused("too_large", "the commits that the other machine may lack are over 64 MiB");
  }
  renameSync(path, join(folder, partNames.bundle));
  return { ...told, bundle };
}
