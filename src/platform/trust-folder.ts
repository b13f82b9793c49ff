/**
 * Files that only root can write, as a fleet's tool leaves them: read once, as the daemon starts. A
 * file that another user could write, or a link, is passed over and named.
 */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { trustFileBytesMax } from "../contract/trust/limits.ts";

/** The folder of such files. */
export const trustFolder = "/etc/peernet/trust.d";

/** A file, or the reason why it was passed over. */
export type TrustFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly why: string };

/** The user whose files count beside root's, and the folder above which none is looked at. */
export interface Trusting {
  readonly owner: number;
  readonly top: string;
}

/** Reads every `*.conf` of the folder, in the order of names; nothing where there is no folder. */
export function trustFiles(
  folder: string = trustFolder,
  { owner, top }: Trusting = { owner: 0, top: "/" },
): readonly TrustFile[] {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  for (let place = folder; place !== top; place = dirname(place)) {
    const why = unsafe(lstatSync(place), owner);
    if (why !== null) return [{ path: place, why }];
  }
  const names = readdirSync(folder).filter((name) => name.endsWith(".conf"));
  return names.sort().map((name) => read(join(folder, name), owner));
}

function read(path: string, owner: number): TrustFile {
  try {
    const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(handle);
      const why = stats.isFile() ? unsafe(stats, owner) : "it is no plain file";
      if (why !== null) return { path, why };
      if (stats.size > trustFileBytesMax) return { path, why: "it is too large" };
      return { path, text: readFileSync(handle, "utf8") };
    } finally {
      closeSync(handle);
    }
  } catch {
    return { path, why: "it cannot be read, or is a link" };
  }
}

interface Owned {
  readonly uid: number;
  readonly mode: number;
  isSymbolicLink(): boolean;
}

/** The reason why another user than root could change a file or folder; null when none could. */
function unsafe(stats: Owned, owner: number): string | null {
  if (stats.isSymbolicLink()) return "it is a link";
  if (stats.uid !== 0 && stats.uid !== owner) return "it belongs to another user than root";
  return (stats.mode & 0o022) === 0 ? null : "others than root can write it";
}
