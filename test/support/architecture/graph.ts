/** The rules of all files together: which files a file loads in the end, and import circles. */

import { resolved } from "./imports.ts";
import type { Import, Source, Violation } from "./source.ts";

type Sources = ReadonlyMap<string, Source>;

/** Files by their path. */
export const byPath = (sources: readonly Source[]): Sources =>
  new Map(sources.map((source) => [source.path, source]));

/** The imports that are loaded together with a file. */
const loaded = (source: Source): readonly Import[] =>
  source.imports.filter(({ typeOnly, lazy }) => !typeOnly && !lazy);

/** Files that must load nothing of a kind, and the way by which one does. */
export function loadRule(
  sources: Sources,
  roots: readonly string[],
  forbidden: RegExp,
): readonly Violation[] {
  return roots.flatMap((root) => {
    if (!sources.has(root)) return [{ path: root, line: 1, message: "is not there any more" }];
    const way = wayTo(sources, [root], forbidden);
    if (way === null) return [];
    const message = `loads ${way.at(-1)} by ${way.slice(0, -1).join(" → ")}: import types only`;
    return [{ path: root, line: 1, message }];
  });
}

function wayTo(sources: Sources, way: readonly string[], forbidden: RegExp): string[] | null {
  const source = sources.get(way.at(-1) ?? "");
  if (source === undefined) return null;
  for (const { specifier } of loaded(source)) {
    if (forbidden.test(specifier)) return [...way, specifier];
    if (!specifier.startsWith(".")) continue;
    const next = resolved(source.path, specifier);
    if (way.includes(next)) continue;
    const found = wayTo(sources, [...way, next], forbidden);
    if (found !== null) return found;
  }
  return null;
}

const folderFilesMax = 16;

/** Folders of src that hold more files than a reader takes in at a glance. */
export function folderRule(paths: readonly string[]): readonly Violation[] {
  const folders = Map.groupBy(
    paths.filter((path) => path.startsWith("src/")),
    (path) => path.slice(0, path.lastIndexOf("/")),
  );
  return [...folders].flatMap(([path, files]) => {
    if (files.length <= folderFilesMax) return [];
    const message = `folder of ${files.length} files: at most ${folderFilesMax}, group them`;
    return [{ path, line: 1, message }];
  });
}

/** No file imports itself by way of others, not even for a type. */
export function cycleRule(sources: Sources): readonly Violation[] {
  const done = new Set<string>();
  const found: Violation[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    const from = way.indexOf(path);
    if (from >= 0) {
      const circle = [...way.slice(from), path].join(" → ");
      found.push({ path, line: 1, message: `imports in a circle: ${circle}; move what both need` });
      return;
    }
    const source = sources.get(path);
    if (done.has(path) || source === undefined) return;
    for (const { specifier, lazy } of source.imports) {
      if (!lazy && specifier.startsWith(".")) walk(resolved(path, specifier), [...way, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) walk(path, []);
  return found;
}
