/**
 * Reads and replaces files that belong to others. A file is read in full and replaced atomically
 * with its mode kept; a symbolic link is followed to its target. The file is checked again before
 * it is replaced, since its agent may write at any moment. Refuses files that are no text, that the
 * user may not write, or that another user owns: under sudo, HOME may still be the user's.
 */

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { PeernetError } from "../../contract/errors.ts";
import type { Timers } from "../../platform/effects.ts";
import { errnoOf } from "../../platform/errno.ts";

/** A file as setup read it. */
export interface Found {
  /** The path that names it. */
  readonly path: string;
  /** The real path: differs from `path` when that is a symbolic link. */
  readonly target: string;
  /** Null when the file does not exist. */
  readonly text: string | null;
  /** Changes with each write of another program; null when the file does not exist. */
  readonly stamp: string | null;
}

/** Reads a file that may be changed later. @throws {bad_request} when it cannot be read */
export function find(path: string): Found {
  try {
    const target = targetOf(path);
    const stats = statSync(target, { throwIfNoEntry: false });
    if (stats === undefined) return { path, target, text: null, stamp: null };
    if (!stats.isFile()) throw refused(path, "is not a file", `move ${path} away`);
    if (isForeign(stats)) throw refused(path, "belongs to another user", asOwner);
    // Taken before the read: a write in between changes the stamp.
    const stamp = stampOf(target);
    const bytes = readFileSync(target);
    // The byte order mark is kept: setup changes only its own entries.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path, target, text, stamp };
  } catch (error) {
    if (error instanceof PeernetError) throw error;
    if (error instanceof TypeError) throw refused(path, "is not text", `mend ${path}`);
    throw refused(path, `cannot be read (${errnoOf(error)})`, `make ${path} readable`);
  }
}

/** Checks that a file can be replaced or created. @throws {bad_request} */
export function requireWritable({ path, target, text }: Found): void {
  const isReadOnly = text !== null && (statSync(target).mode & 0o200) === 0;
  if (isReadOnly) throw refused(path, "is read-only", `chmod u+w ${path}`);
  let folder = dirname(target);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (isForeign(statSync(folder))) {
    throw refused(path, `cannot be written: ${folder} belongs to another user`, asOwner);
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw refused(path, `cannot be written: ${folder} is read-only`, `make ${folder} writable`);
  }
}

/** The number of attempts while another program keeps writing, and the pause after each. */
const attemptsMax = 20;
const pauseMs = 25;

/**
 * Returns the result of the first attempt that no other program's write interrupted.
 * @throws {bad_request} when another program never stops writing
 */
export async function settled<T>(
  path: string,
  timers: Timers,
  attempt: () => T | null,
): Promise<T> {
  for (let count = 0; count < attemptsMax; count++) {
    const result = attempt();
    if (result !== null) return result;
    await new Promise<void>((resolve) => timers.after(pauseMs, resolve));
  }
  throw refused(path, "is written by another program all the time", "end it, then run it again");
}

/**
 * Replaces a file's text in full or not at all. Returns false, with nothing changed, when the file
 * is no longer the one that was read. @throws {bad_request}
 */
export function replace(found: Found, text: string): boolean {
  const { path, target } = found;
  const next = `${target}.peernet-next`;
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    rmSync(next, { force: true });
    const mode = statSync(target, { throwIfNoEntry: false })?.mode ?? 0o600;
    const descriptor = openSync(next, "wx", 0o600);
    try {
      writeFileSync(descriptor, text);
      fchmodSync(descriptor, mode & 0o777);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const isAsFound = stampOf(target) === found.stamp;
    if (isAsFound) renameSync(next, target);
    else rmSync(next, { force: true });
    return isAsFound;
  } catch (error) {
    rmSync(next, { force: true });
    throw refused(path, `cannot be written (${errnoOf(error)})`, `make ${path} writable`);
  }
}

/**
 * Removes a file, then each of the given folders that is empty. Returns false, with nothing
 * changed, when the file is no longer the one that was read.
 */
export function remove({ target, stamp }: Found, folders: readonly string[]): boolean {
  if (stampOf(target) !== stamp) return false;
  rmSync(target, { force: true });
  for (const folder of [...folders].sort((one, other) => other.length - one.length)) {
    try {
      rmdirSync(folder);
    } catch {
      // The folder holds something else now, so it stays.
    }
  }
  return true;
}

/** Identifies a file's present version: its inode, its size and the time of its last write. */
function stampOf(target: string): string | null {
  const stats = statSync(target, { throwIfNoEntry: false, bigint: true });
  if (stats === undefined) return null;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

/** The missing folders on the way to a file, the innermost first. */
export function missingFolders(target: string): readonly string[] {
  const missing: string[] = [];
  for (let at = dirname(target); !existsSync(at); at = dirname(at)) missing.push(at);
  return missing;
}

function targetOf(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  try {
    return realpathSync(path);
  } catch {
    throw refused(path, "is a symbolic link to nothing", `remove ${path}`);
  }
}

/** True when the owner is neither the current user nor the system. */
const isForeign = ({ uid }: Stats): boolean => uid !== process.geteuid?.() && uid !== 0;

const asOwner = "run it as that user, without sudo";

const refused = (path: string, why: string, hint: string): PeernetError =>
  new PeernetError("bad_request", { message: `${path} ${why}`, hint });
