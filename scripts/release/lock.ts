/** What package-lock.json says of a package: its version, its licence, and what it must hash to. */

import lockfile from "../../package-lock.json";

/** One package of the lock file. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  /** `sha512-` and the digest in base64. */
  readonly integrity: string;
  readonly license: string | null;
  /** Whether it is used to build and test only. */
  readonly dev: boolean;
}

interface Row {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

// Each row has more than is read here, and not every row has the same.
const rows = lockfile.packages as Readonly<Record<string, Row>>;

/** Every package of the lock file but this one, by name and version, each once. */
export function lockedPackages(): readonly Locked[] {
  const found = new Map<string, Locked>();
  for (const [path, row] of Object.entries(rows)) {
    const name = path.split("node_modules/").at(-1) ?? "";
    if (path === "" || row.version === undefined || row.integrity === undefined) continue;
    const key = `${name}@${row.version}`;
    const dev = row.dev === true && found.get(key)?.dev !== false;
    const { version, integrity, license = null } = row;
    found.set(key, { name, version, integrity, license, dev });
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

/** The one package of a name. @throws when the lock file has none, or several */
export function lockedPackage(name: string): Locked {
  const [found, ...more] = lockedPackages().filter((each) => each.name === name);
  if (found === undefined || more.length > 0) {
    throw new Error(`package-lock.json does not have exactly one ${name}`);
  }
  return found;
}
