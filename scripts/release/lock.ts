/** The entry of a package in package-lock.json: its version, its licence, and its hash. */

import lockfile from "../../package-lock.json";

/** One package of the lock file. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  /** `sha512-` and the digest in base64. */
  readonly integrity: string;
  readonly license: string | null;
}

interface Row {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
}

// Each row has more than is read here, and not every row has the same.
const rows = lockfile.packages as Readonly<Record<string, Row>>;

/** The package in a folder such as `node_modules/jose`. @throws when there is none */
export function lockedAt(folder: string): Locked {
  const { version, integrity, license = null } = rows[folder] ?? {};
  const name = folder.split("node_modules/").at(-1) ?? "";
  if (version === undefined || integrity === undefined) {
    throw new Error(`package-lock.json has no ${folder}`);
  }
  return { name, version, integrity, license };
}

/** The packages that files such as `node_modules/jose/dist/index.js` are of, each once. */
export function packagesOf(files: readonly string[]): readonly Locked[] {
  const folders = files.flatMap((file) => {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
    return folder === undefined ? [] : [folder];
  });
  return [...new Set(folders)].sort().map(lockedAt);
}
