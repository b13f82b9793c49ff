/** The changed files of the folder in which a command runs, as the daemon compares them. */

import { describe } from "../../session/describe.ts";
import { pathDigest } from "../../session/overlap.ts";
import type { Io } from "../terminal/io.ts";

/** A file, by its path below the work tree's root and by its digest. */
export interface ComparedFile {
  readonly path: string;
  readonly digest: string;
}

/** A work tree whose files can be compared. */
export interface ComparedTree {
  readonly identity: string;
  readonly root: string;
  /** The changed tracked files. */
  readonly changed: readonly ComparedFile[];
}

/** The work tree of the folder; null outside of a repository with its full history. */
export async function comparedTree(io: Io): Promise<ComparedTree | null> {
  const { changed, root } = await describe(io.cwd(), { ...io, compares: "files" });
  if (changed === undefined) return null;
  const { identity, paths } = changed;
  return { identity, root, changed: paths.map((path) => comparedFile(identity, path)) };
}

/** A file of a repository. */
export const comparedFile = (identity: string, path: string): ComparedFile => ({
  path,
  digest: pathDigest(identity, path),
});
