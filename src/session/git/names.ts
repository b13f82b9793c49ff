/**
 * Names the refs of a repository that keeps them in files (gitrepository-layout(5)). Follows no
 * link. Runs no program.
 */

import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { packedRefsBytesMax } from "../../contract/limits.ts";
import { readInPlace } from "../bounded.ts";

/** Entries of folders that are looked at: a repository with more packs its refs. */
const entriesMax = 50_000;

/** The full names of all refs below `refs/`, in no order; each once. */
export function refNamesIn(commonDir: string): readonly string[] {
  const names = new Set(packedNames(commonDir));
  const waiting = ["refs"];
  let looked = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of entriesOf(join(commonDir, next))) {
      looked += 1;
      if (looked > entriesMax) return [...names];
      if (entry.isDirectory()) waiting.push(`${next}/${entry.name}`);
      else if (entry.isFile()) names.add(`${next}/${entry.name}`);
    }
  }
  return [...names];
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function packedNames(commonDir: string): readonly string[] {
  const bytes = readInPlace(join(commonDir, "packed-refs"), packedRefsBytesMax);
  if (bytes === null) return [];
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines.flatMap((line) => /^[0-9a-f]{40,64} (refs\/\S+)$/.exec(line)?.[1] ?? []);
}
