/** Repositories of ours for tasks: a folder that git init would make, with a config of ours. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ObjectFormat } from "../../sandbox/place.ts";
import { makeFolder } from "../folder.ts";
import type { Bind } from "../run/room.ts";

export type { ObjectFormat };

/** Our own config: git reads no other. */
const configOf = (format: ObjectFormat): string =>
  [
    "[core]",
    `\trepositoryformatversion = ${format === "sha256" ? 1 : 0}`,
    "\tbare = false",
    "\thooksPath = /dev/null",
    "\tfsmonitor = false",
    "\tpackedGitWindowSize = 32m",
    "\tpackedGitLimit = 256m",
    "[checkout]",
    "\tworkers = 0",
    "[gc]",
    "\tauto = 0",
    ...(format === "sha256" ? ["[extensions]", "\tobjectFormat = sha256"] : []),
    "",
  ].join("\n");

/** Makes an empty repository of ours. */
export function makeRepository(path: string, format: ObjectFormat): void {
  for (const name of ["refs/heads", "objects/pack", "info"]) makeFolder(join(path, name));
  writeFileSync(join(path, "HEAD"), "ref: refs/heads/task\n");
  writeFileSync(join(path, "config"), configOf(format));
}

/** Binds a folder for git at one of its paths. */
export const bound = (from: string, at: string, isWritable = false): Bind => ({
  ...{ from, at, isWritable },
});
