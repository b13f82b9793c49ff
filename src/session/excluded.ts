/**
 * Decides whether a folder lies in one that the settings exclude. Compares the folders' identities,
 * not their spelling: links, bind mounts and letter case hide none. Runs in the hook, since the
 * daemon opens no path. Reads only that list of config.toml.
 */

import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The settings of a home, and the meaning of `~` in them. */
export interface Settings {
  /** The text of config.toml; null when there is no file. */
  readonly text: string | null;
  readonly home: string | undefined;
}

/**
 * True when one of the paths, or a folder above it, is an excluded folder. An unreadable folder
 * counts as not excluded here: the daemon also compares the paths as text.
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

/** Invalid settings allow nothing: the daemon enforces that. */
function parsed(text: string | null): unknown {
  try {
    return Bun.TOML.parse(text ?? "");
  } catch {
    return {};
  }
}

/** Device and number of the file at a path, links followed; null when it cannot be read. */
async function identityOf(path: string): Promise<string | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return stats === null ? null : `${stats.dev}:${stats.ino}`;
}

/** A folder and its ancestors, as written and with links resolved. */
async function foldersAbove(path: string): Promise<readonly string[]> {
  const real = await realpath(path).catch(() => path);
  const above = [path, real].flatMap((start) => {
    const folders = [start];
    for (let at = start; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
    return folders;
  });
  return [...new Set(above)];
}
