/**
 * The digest of a path in a repository: what the daemon learns of a changed file. Holds no key: on
 * this machine alone it stands for the path.
 */

import { base64url, lv } from "../contract/text/encoding.ts";

/** The digest of a path below a work tree's root, with `/` between its parts. */
export const pathDigest = (identity: string, path: string): string =>
  base64url(
    new Bun.CryptoHasher("sha256").update(lv("peernet-overlap-path-v1", identity, path)).digest(),
  );
