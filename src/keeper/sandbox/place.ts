/** The folder of one reader: an empty git folder of ours, and the files that it must not reach. */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** One reader's folder. */
export interface ReaderPlace {
  readonly shell: string;
  readonly planted: string;
  /** Removes the folder. */
  remove(): void;
}

const prefix = "reader-";

/** The formats of git's object names. */
export type ObjectFormat = "sha1" | "sha256";

/**
 * Makes a reader's folder below a folder of ours. Its git folder has no commit and a config of
 * ours: git reads no other.
 */
export async function makePlace(below: string, format: ObjectFormat): Promise<ReaderPlace> {
  const folder = mkdtempSync(join(below, prefix));
  const shell = join(folder, "git");
  const planted = join(folder, "planted");
  for (const name of ["git", "git/refs", "git/objects"]) await mkdir(join(folder, name));
  await writeFile(join(shell, "HEAD"), "ref: refs/heads/none\n");
  await writeFile(join(shell, "config"), configOf(format));
  await writeFile(planted, "planted");
  await writeFile(`${planted}.second`, "planted");
  return { shell, planted, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Large packs are mapped in parts, and large files are never held as a whole. */
const configOf = (format: ObjectFormat): string =>
  [
    "[core]",
    `\trepositoryformatversion = ${format === "sha256" ? 1 : 0}`,
    "\tbare = true",
    "\tpackedGitWindowSize = 32m",
    "\tpackedGitLimit = 256m",
    "\tbigFileThreshold = 1m",
    ...(format === "sha256" ? ["[extensions]", "\tobjectFormat = sha256"] : []),
    "",
  ].join("\n");

/** Removes the folders that readers of a killed keeper left; no reader of this folder runs. */
export function removeLeftPlaces(below: string): void {
  for (const name of readdirSync(below)) {
    if (/^reader-\w{6}$/.test(name)) rmSync(join(below, name), { recursive: true, force: true });
  }
}
