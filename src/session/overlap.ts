/**
 * The digest of a path in a repository: what the daemon learns of a changed file. Holds no key: on
 * this machine alone it stands for the path.
 */

import { realpathSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { base64url, lv } from "../contract/text/encoding.ts";

/** The digest of a path below a work tree's root, with `/` between its parts. */
export const pathDigest = (identity: string, path: string): string =>
  base64url(
    new Bun.CryptoHasher("sha256").update(lv("peernet-overlap-path-v1", identity, path)).digest(),
  );

/**
 * A file's path below a work tree's root, for an absolute path; null for a file elsewhere. Links on
 * the way are followed, as an edit follows them.
 */
export function pathBelow(root: string, path: string): string | null {
  const below = relative(root, real(path));
  return below === "" || below === ".." || below.startsWith("../") ? null : below;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // A new file has no place yet: that of its folder counts, as far as there is one.
    const folder = dirname(path);
    return folder === path ? path : join(real(folder), basename(path));
  }
}
