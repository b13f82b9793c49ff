/**
 * Makes the repository and the work tree of a task: one commit with its files, without history, in
 * a git folder of ours. No hook, filter or setting of the person's clone has a say, and a run finds
 * no other commit in it, not even another task's.
 */

import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../folder.ts";
import { insidePaths } from "../run/room.ts";
import { takeIn } from "./quarantine.ts";
import { bound, makeRepository, type ObjectFormat } from "./repository.ts";
import { gitPaths, type WalledGit } from "./walled.ts";

/** A base to check out. */
export interface BaseOf {
  readonly base: string;
  readonly format: ObjectFormat;
  /** The folder of objects of the person's clone. */
  readonly objects: string;
  /** The bundle that holds commits which the clone may lack; null for none. */
  readonly bundle: string | null;
}

/** The folders of a task that git works on. */
export interface TaskGit {
  readonly git: string;
  readonly tree: string;
  /** A folder for what comes from elsewhere. */
  readonly quarantine: string;
}

/** The index as the checkout left it: each collecting starts from it. */
export const cleanIndex = "index.clean";

/**
 * Makes repository and work tree of a base; a text is the reason why it cannot, one of our own
 * words.
 */
export async function makeTree(
  { git: folder, tree, quarantine }: TaskGit,
  of: BaseOf,
  git: WalledGit,
): Promise<string | null> {
  const { base, format, objects, bundle } = of;
  makeRepository(folder, format);
  makeFolder(tree);
  writeFileSync(join(folder, "shallow"), `${base}\n`);
  const binds = [bound(folder, gitPaths.git, true), bound(objects, gitPaths.objects)];
  const alternates: string[] = [gitPaths.objects];
  if (bundle !== null) {
    const taken = await takeIn({ quarantine, bundle, objects, format }, git);
    if (typeof taken === "string") return taken;
    binds.push(bound(quarantine, gitPaths.quarantine));
    alternates.push(`${gitPaths.quarantine}/objects`);
  }
  const environment = { GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates.join(":") };
  const kind = await git(["cat-file", "-t", base], { binds, environment });
  if (kind?.trim() !== "commit") return "base_missing";
  const packed = await git(
    ["pack-objects", "--revs", "--quiet", "--window=0", `${gitPaths.git}/objects/pack/pack`],
    { binds, environment, input: `${base}\n` },
  );
  if (packed === null) return "objects_missing";
  const checkedOut = await git(["read-tree", "-u", "--reset", base], {
    binds: [bound(folder, gitPaths.git, true), bound(tree, gitPaths.tree, true)],
    environment: { GIT_WORK_TREE: gitPaths.tree },
  });
  if (checkedOut === null) return "checkout";
  writeFileSync(join(folder, "HEAD"), `${base}\n`);
  copyFileSync(join(folder, "index"), join(folder, cleanIndex));
  // Last: it marks the tree as whole.
  writeFileSync(join(tree, ".git"), `gitdir: ${insidePaths.git}\n`);
  return null;
}

/** True for a tree that an earlier round left whole. */
export const hasTree = ({ tree }: TaskGit): boolean => existsSync(join(tree, ".git"));
