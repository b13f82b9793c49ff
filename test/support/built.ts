/** Compares the executable with the source beside it: a test of a stale one proves nothing. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** An executable, and the folder of the source that it is built of. */
export interface Build {
  readonly executable: string;
  readonly source: string;
}

/**
 * The newest source file that changed after the build began, relative to the source folder; null
 * when there is none. `scripts/build.sh` dates the executable by the start of its build.
 */
export function newerSource({ executable, source }: Build): string | null {
  const builtMs = statSync(executable).mtimeMs;
  const changed = readdirSync(source, { recursive: true, withFileTypes: true })
    // The build reads no map of the source.
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".md"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, atMs: statSync(path).mtimeMs }))
    .filter(({ atMs }) => atMs > builtMs)
    .sort((one, other) => other.atMs - one.atMs);
  return changed[0]?.path.slice(source.length + 1) ?? null;
}

/** @throws when a source file is newer than the executable, naming it and what to run */
export function requireFresh(build: Build): void {
  const newer = newerSource(build);
  if (newer === null) return;
  throw new Error(`dist/peernet is older than src/${newer}: run scripts/build.sh`);
}
