/**
 * Takes commits from elsewhere into a repository of ours first: git checks every object there
 * before anything else sees it. `git fetch` of a bundle would check none.
 */

import { rmSync } from "node:fs";
import { bundleBytesMax } from "../../../contract/tasks/limits.ts";
import { type BundleHeader, bundleHeader } from "./bundle.ts";
import { bound, makeRepository, type ObjectFormat } from "./repository.ts";
import { gitPaths, type WalledGit } from "./walled.ts";

/** A bundle to take in. */
export interface Arrived {
  readonly quarantine: string;
  /** The path of the bundle. */
  readonly bundle: string;
  /** The objects that its prerequisites are among. */
  readonly objects: string;
  readonly format: ObjectFormat;
  /** True to keep what the quarantine holds already. */
  readonly isMore?: boolean;
}

/**
 * Takes a bundle's pack into a quarantine, which is made again unless it takes more. A text is the
 * reason why it is refused, one of our own words.
 */
export async function takeIn(
  { quarantine, bundle, objects, format, isMore = false }: Arrived,
  git: WalledGit,
): Promise<BundleHeader | string> {
  if (Bun.file(bundle).size > bundleBytesMax) return "bundle_too_large";
  const header = bundleHeader(bundle);
  if (header === null || header.format !== format) return "bundle_form";
  if (!isMore) {
    rmSync(quarantine, { recursive: true, force: true });
    makeRepository(quarantine, format);
  }
  const taken = await git(
    ["index-pack", "--stdin", "--fix-thin", "--strict", `--max-input-size=${bundleBytesMax}`],
    {
      binds: [bound(quarantine, gitPaths.git, true), bound(objects, gitPaths.objects)],
      environment: { GIT_ALTERNATE_OBJECT_DIRECTORIES: gitPaths.objects },
      input: new Uint8Array(await Bun.file(bundle).slice(header.packAt).arrayBuffer()),
    },
  );
  return taken === null ? "bundle_refused" : header;
}
