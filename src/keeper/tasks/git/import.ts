/**
 * Brings a result's commit home: checks it in a quarantine, then adds its objects to the person's
 * clone, and one ref. Never checks out, merges or applies anything.
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ImportEnd, ImportErrand } from "../../../contract/tasks/errands.ts";
import { resultFilesMax } from "../../../contract/tasks/limits.ts";
import type { AskedRefs, Commits } from "../../../session/commits.ts";
import { fileDigest } from "../digest.ts";
import { partNames, taskNames } from "../folder.ts";
import { bundleHeader } from "./bundle.ts";
import { takeIn } from "./quarantine.ts";
import { bound } from "./repository.ts";
import { gitPaths, type WalledGit, type WalledGiven } from "./walled.ts";

/** Dependencies of bringing commits home. */
export interface ImportParts {
  /** The folder of the task's rounds on this machine. */
  readonly asked: string;
  readonly commitsOf: (path: string, refs: AskedRefs) => Promise<Commits | string>;
  readonly gitOf: (program: string) => WalledGit;
}

type Errand = ReturnType<typeof ImportErrand.parse>;
type End = ReturnType<typeof ImportEnd.parse>;
type Why = Extract<End, { imported: false }>["why"];

const refused = (why: Why, detail: string): End => ({
  ...{ imported: false, why, detail: detail.slice(0, 1_024) },
});

/** Imports; a repeated call ends with the same ref. */
export async function importResult(parts: ImportParts, errand: Errand): Promise<End> {
  const { round, root, bundle, commit, base } = errand;
  const folder = join(parts.asked, String(round));
  const path = join(folder, partNames.tree);
  if (!existsSync(path)) return refused("gone", "the commits are not here; fetch them again");
  const { bytes, sha256 } = fileDigest(path);
  const header = bundleHeader(path);
  if (bytes !== bundle.bytes || sha256 !== bundle.sha256 || header === null) {
    return refused("bundle", "the commits came in another form than was told");
  }
  if (header.commit !== commit) return refused("commit", "they hold another commit than was told");
  if (header.prerequisites.join() !== base) {
    return refused("base", "they are based on another commit than the task");
  }
  const commits = await parts.commitsOf(root, []);
  if (typeof commits === "string") return refused("failed", `${root} is not read (${commits})`);
  if (header.format !== commits.format) return refused("bundle", "they have another object format");
  const quarantine = join(folder, taskNames.quarantine);
  try {
    return await imported({ ...parts, path, quarantine, commits, errand });
  } finally {
    rmSync(quarantine, { recursive: true, force: true });
  }
}

interface Importing extends ImportParts {
  readonly path: string;
  readonly quarantine: string;
  readonly commits: Commits;
  readonly errand: Errand;
}

async function imported(importing: Importing): Promise<End> {
  const { quarantine, path, commits, errand, asked, gitOf } = importing;
  const { objects, format } = commits;
  const git = gitOf(commits.git);
  // A base of uncommitted changes exists in the bundle that went out, and nowhere else here.
  const sent = sentBundle(asked);
  const bundles = [...(sent === null ? [] : [sent]), path];
  for (const [at, bundle] of bundles.entries()) {
    const taken = await takeIn({ quarantine, bundle, objects, format, isMore: at > 0 }, git);
    if (typeof taken === "string") return refused("refused", `git refuses them (${taken})`);
  }
  const given: WalledGiven = {
    binds: [bound(quarantine, gitPaths.git, true), bound(objects, gitPaths.objects)],
    environment: { GIT_ALTERNATE_OBJECT_DIRECTORIES: gitPaths.objects },
  };
  const fault = await faultOf(errand, (words, input) =>
    git(words, input === undefined ? given : { ...given, input }),
  );
  return fault ?? addedTo(importing, git, bundles);
}

/** The bundle that this machine sent with the first round that has one. */
function sentBundle(asked: string): string | null {
  const rounds = readdirSync(asked).filter((name) => /^\d+$/.test(name));
  const paths = rounds.toSorted().map((name) => join(asked, name, partNames.bundle));
  return paths.find((path) => existsSync(path)) ?? null;
}

type Run = (words: readonly string[], input?: string) => Promise<string | null>;

/** Modes of files that a result may have. */
const plainModes = new Set(["000000", "100644", "100755", "120000"]);
const linkMode = "120000";

/** The reason not to take a commit; null when there is none. */
async function faultOf({ base, commit }: Errand, run: Run): Promise<End | null> {
  const parents = await run(["rev-parse", `${commit}^@`]);
  if (parents?.trim() !== base) return refused("base", "its commit has another parent");
  const words = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", base, commit];
  const raw = await run(words);
  if (raw === null) return refused("too_many", `it changes over ${resultFilesMax} files`);
  const parts = raw.split("\0");
  if ((parts.length - 1) / 2 > resultFilesMax) {
    return refused("too_many", `it changes over ${resultFilesMax} files`);
  }
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = "", , sha = ""] = parts[at]?.split(" ") ?? [];
    const path = parts[at + 1] ?? "";
    if (!plainModes.has(mode)) return refused("mode", "it holds an entry that is no file or link");
    if (mode !== linkMode) continue;
    const target = await run(["cat-file", "blob", sha]);
    if (target === null || leadsOut(path, target)) {
      return refused("link", "it holds a link that leads out of the tree");
    }
  }
  return null;
}

/** True for a link whose target is outside of the tree, or in its git folder. */
function leadsOut(path: string, target: string): boolean {
  if (target.startsWith("/") || target === "") return true;
  const at = path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") {
      if (at.pop() === undefined) return true;
    } else if (part !== "." && part !== "") at.push(part);
    if (at.some((each) => each.toLowerCase() === ".git")) return true;
  }
  return false;
}

/** Packs with more objects stay packs, as git fetch does it by itself. */
const looseMax = 100;

/** The command that stores a pack, whose header tells its number of objects. */
function storing(pack: Uint8Array): readonly string[] {
  const objects = new DataView(pack.buffer, pack.byteOffset, 12).getUint32(8);
  if (objects <= looseMax) return ["unpack-objects", "-q", "--strict"];
  return ["index-pack", "--stdin", "--fix-thin", "--strict"];
}

/** Adds the checked objects to the clone, then the ref. */
async function addedTo(
  { commits, quarantine, errand }: Importing,
  git: WalledGit,
  bundles: readonly string[],
): Promise<End> {
  const { machine, name, commit } = errand;
  const ref = `refs/peernet/${machine}/${name}`;
  for (const bundle of bundles) {
    const packAt = bundleHeader(bundle)?.packAt ?? 0;
    const input = new Uint8Array(await Bun.file(bundle).slice(packAt).arrayBuffer());
    const stored = await git(storing(input), {
      binds: [bound(quarantine, gitPaths.git), bound(commits.objects, gitPaths.objects, true)],
      environment: { GIT_OBJECT_DIRECTORY: gitPaths.objects },
      input,
    });
    if (stored === null) return refused("failed", "git could not store the objects");
  }
  // The clone's hooks and settings are the person's own; none runs for a ref of ours.
  const set = await git(["-c", "core.hooksPath=/dev/null", "update-ref", ref, commit], {
    binds: [bound(commits.commonDir, gitPaths.clone, true)],
    environment: { GIT_DIR: gitPaths.clone },
  });
  return set === null ? refused("failed", `git could not set ${ref}`) : { imported: true, ref };
}
