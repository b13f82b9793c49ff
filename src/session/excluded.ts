/**
 * Tells whether a folder lies in one that the settings exclude, by what the folders are and not by
 * how they are written: links, bind mounts and the case of letters hide none. Runs in the hook,
 * since the daemon opens no path. Reads of config.toml that one list.
 */

import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The settings of a home, and what `~` stands for in them. */
export interface Settings {
  /** The text of config.toml; null when there is none. */
  readonly text: string | null;
  readonly home: string | undefined;
}

/**
 * Whether one of the paths, or a folder above it, is an excluded folder. A folder that cannot be
 * looked at is none here: the daemon compares the paths as they are written too.
 */
export async function isExcluded(paths: readonly string[], settings: Settings): Promise<boolean> {
  const named = excludedFolders(settings);
  if (named.length === 0) return false;
  const excluded = new Set(await Promise.all(named.map(identityOf)));
  excluded.delete(null);
  const above = await Promise.all(paths.map(foldersAbove));
  const identities = await Promise.all([...new Set(above.flat())].map(identityOf));
  return identities.some((identity) => excluded.has(identity));
}

function excludedFolders({ text, home }: Settings): readonly string[] {
  const listed: unknown = Object(Object(parsed(text)).sessions).exclude;
  const folders = Array.isArray(listed) ? listed : [];
  return folders.flatMap((folder) => {
    if (typeof folder !== "string") return [];
    if (!folder.startsWith("~")) return [folder];
    return home === undefined ? [] : [join(home, folder.slice(1))];
  });
}

/** Settings that cannot be read allow nothing: the daemon sees to that. */
function parsed(text: string | null): unknown {
  try {
    return Bun.TOML.parse(text ?? "");
  } catch {
    return {};
  }
}

/** Device and number of what is at a path, links followed; null where nothing can be seen. */
async function identityOf(path: string): Promise<string | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return stats === null ? null : `${stats.dev}:${stats.ino}`;
}

/** A folder and those it is in, as they are written and with links resolved. */
async function foldersAbove(path: string): Promise<readonly string[]> {
  const real = await realpath(path).catch(() => path);
  const above = [path, real].flatMap((start) => {
    const folders = [start];
    for (let at = start; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
    return folders;
  });
  return [...new Set(above)];
}
