/**
 * Files that belong to others: read whole, replaced atomically with their mode kept, a symbolic
 * link written through to what it points to, and looked at again before they are replaced, since
 * their agent may write at any moment. Refuses what is no text file of the user's that may
 * be written, and what is another user's: under sudo, HOME may still be theirs.
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

/** A file as it was found. */
export interface Found {
  /** Where it is known to be. */
  readonly path: string;
  /** Where it is: another place where the path is a symbolic link. */
  readonly target: string;
  /** Null when there is none. */
  readonly text: string | null;
  /** Changes with each write of another program; null when there is no file. */
  readonly stamp: string | null;
}

/** Reads a file that may be changed later. @throws {bad_request} when it cannot be */
export function find(path: string): Found {
  try {
    const target = targetOf(path);
    const stats = statSync(target, { throwIfNoEntry: false });
    if (stats === undefined) return { path, target, text: null, stamp: null };
    if (!stats.isFile()) throw refused(path, "is not a file", `move ${path} away`);
    if (isForeign(stats)) throw refused(path, "belongs to another user", asOwner);
    // Before it is read: what is written meanwhile has another stamp.
    const stamp = stampOf(target);
    const bytes = readFileSync(target);
    // A byte order mark is kept: what is not meant to change does not.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path, target, text, stamp };
  } catch (error) {
    if (error instanceof PeernetError) throw error;
    if (error instanceof TypeError) throw refused(path, "is not text", `mend ${path}`);
    throw refused(path, `cannot be read (${codeOf(error)})`, `make ${path} readable`);
  }
}

/** Sees to it that a file can be replaced, or made. @throws {bad_request} */
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

/** Attempts at a change, where another program writes in between, and the pause after each. */
const attemptsMax = 20;
const pauseMs = 25;

/**
 * The result of the first attempt at changing a file that no other program's write cut in on.
 * @throws {bad_request} when the file is written all the time
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
 * Replaces a file by a text, whole or not at all; false, with nothing changed, where the file is
 * another than the one that was found. @throws {bad_request}
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
    throw refused(path, `cannot be written (${codeOf(error)})`, `make ${path} writable`);
  }
}

/**
 * Removes a file, then each of the folders that is empty; false, with nothing changed, where the
 * file is another than the one that was found.
 */
export function remove({ target, stamp }: Found, folders: readonly string[]): boolean {
  if (stampOf(target) !== stamp) return false;
  rmSync(target, { force: true });
  for (const folder of [...folders].sort((one, other) => other.length - one.length)) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else is in it now, so it stays.
    }
  }
  return true;
}

/** The file at a path as it is now: which one, how large, and when it was last written. */
function stampOf(target: string): string | null {
  const stats = statSync(target, { throwIfNoEntry: false, bigint: true });
  if (stats === undefined) return null;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

/** The folders on the way to a file that are not there, the innermost first. */
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

/** True where neither the one who runs this nor the system itself owns it. */
const isForeign = ({ uid }: Stats): boolean => uid !== process.geteuid?.() && uid !== 0;

const asOwner = "run it as that user, without sudo";

const refused = (path: string, why: string, hint: string): PeernetError =>
  new PeernetError("bad_request", { message: `${path} ${why}`, hint });

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown";
