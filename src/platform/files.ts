/**
 * The state folder: our own 0600 files in 0700 folders without symlinks, or a refusal that names
 * the path and the fix. Opens each file before judging it, so that nobody can swap it in between.
 */

import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PeernetError } from "../contract/errors.ts";
import { checkAbove } from "./above.ts";
import type { StateFiles } from "./effects.ts";
import { errnoOf } from "./errno.ts";

/** Opens the state folder at a path; creates a missing one. @throws {state_unsafe} */
export function stateFiles(folder: string): StateFiles {
  makeFolder(folder);
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    read: (name) => {
      checkPath(dirname(at(name)));
      return readSafely(at(name), closedToOthers);
    },
    readTrusted: (name) => {
      checkPath(dirname(at(name)));
      const text = readSafely(at(name), closedToOthers);
      if (text !== null) checkAbove(folder);
      return text;
    },
    readOpen: (name) => readSafely(at(name), writableByUs),
    write: (name, text) => {
      makeFolder(dirname(at(name)));
      replace(at(name), text);
    },
    append: (name, text) => {
      writeDurably(at(name), constants.O_APPEND | constants.O_CREAT, text);
    },
    lengthen: (name, bytes) => lengthen(at(name), bytes),
    names: () => readdirSync(folder),
    has: (name) => lstatSync(at(name), { throwIfNoEntry: false }) !== undefined,
    remove: (name) => rmSync(at(name), { force: true }),
    check: (name) => checkPath(at(name)),
    ring: (name, line) => {
      checkPath(dirname(at(name)));
      return ringPipe(at(name), line);
    },
  };
}

/** Runs a function that creates a socket, so that its mode is 0600 from the first moment. */
export function privately<T>(run: () => T): T {
  const before = process.umask(0o177);
  try {
    return run();
  } finally {
    process.umask(before);
  }
}

/**
 * Judges the entry at a path without following it; an absent entry is fine. @throws {state_unsafe}
 */
function checkPath(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  judge(path, stats, { mode: stats.isDirectory() ? "700" : "600", refused: closedToOthers });
}

function makeFolder(folder: string): void {
  if (!existsSync(folder)) requireOwnPlace(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) === "ENOSPC") throw new PeernetError("storage_full");
    throw unsafe(
      `${folder} cannot be made (${errnoOf(error)})`,
      `make ${folder} a folder of yours`,
    );
  }
  checkPath(folder);
}

/** Under sudo HOME may still be a user's, who could not use root's files there. */
function requireOwnPlace(folder: string): void {
  if (process.geteuid?.() !== 0) return;
  let place = dirname(folder);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  if (statSync(place).uid !== 0) throw unsafe(`${place} belongs to another user`, asOwner);
}

const asOwner = "run it as that user, without sudo";

/** One command by which the reader can solve the ownership, and that takes no file from anyone. */
function ownerHint(path: string): string {
  const user = process.geteuid?.();
  const above = statSync(dirname(path));
  // Below a folder that only root may enter, no other user needs the file.
  const isInside = above.uid === user && (user !== 0 || (above.mode & closedToOthers) === 0);
  // `sudo` with HOME kept leaves such a folder.
  const chown = `chown -R "$(id -u)" '${path.replaceAll("'", "'\\''")}'`;
  if (isInside) return user === 0 ? chown : `sudo ${chown}`;
  return user === 0 ? asOwner : "set PEERNET_HOME to a folder of your own";
}

/** The longest unix socket path that every system accepts. */
const socketPathBytesMax = 103;

/** Refuses a path too long for a unix socket. @throws {state_unsafe} */
export function requireSocketPath(path: string): void {
  if (new TextEncoder().encode(path).length <= socketPathBytesMax) return;
  throw unsafe(
    `the path of the control socket is over ${socketPathBytesMax} bytes`,
    "set PEERNET_HOME to a shorter path",
  );
}

/** Bits of a mode that must not be set. */
const closedToOthers = 0o077;
const writableByUs = 0o022;

/** The longest write to a pipe that POSIX makes whole or not at all. */
const pipeBytesMax = 512;

/** Errors of a pipe that has no reader: it is absent, or its reader ended, or never reads on. */
const unread: ReadonlySet<string> = new Set(["ENOENT", "ENXIO", "EPIPE", "EAGAIN"]);

/** Rings at a pipe; judges what it opened, so that nobody can put another file in its place. */
function ringPipe(path: string, line: string): boolean {
  const bytes = new TextEncoder().encode(`${line}\n`);
  if (bytes.length > pipeBytesMax) throw new PeernetError("internal");
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const stats = fstatSync(descriptor);
    judge(path, stats, { mode: "600", refused: closedToOthers });
    if (!stats.isFIFO()) throw unsafe(`${path} is not a pipe`, `move ${path} away`);
    return writeSync(descriptor, bytes) === bytes.length;
  } catch (error) {
    if (error instanceof PeernetError) throw error;
    const code = errnoOf(error);
    if (unread.has(code)) return false;
    if (code === "ELOOP") throw unsafe(`${path} is a symbolic link`, `move ${path} away`);
    throw unopened(path, code);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function judgeFile(
  path: string,
  stats: Stats,
  rule: { readonly mode: "600" | "644"; readonly refused: number },
): void {
  judge(path, stats, rule);
  if (!stats.isFile()) throw unsafe(`${path} is not a file`, `move ${path} away`);
}

function judge(
  path: string,
  stats: Stats,
  { mode, refused }: { readonly mode: "600" | "644" | "700"; readonly refused: number },
): void {
  if (stats.isSymbolicLink()) {
    throw unsafe(`${path} is a symbolic link`, `replace ${path} by what it points to`);
  }
  if (stats.uid !== process.geteuid?.()) {
    throw unsafe(`${path} belongs to another user`, ownerHint(path));
  }
  if ((stats.mode & refused) !== 0) {
    const found = (stats.mode & 0o777).toString(8).padStart(4, "0");
    throw unsafe(`${path} has mode ${found}, open to others`, `chmod ${mode} ${path}`);
  }
}

function readSafely(path: string, refused: number): string | null {
  // Non-blocking: a pipe in its place must not hang the daemon.
  const descriptor = openSafely(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (descriptor === null) return null;
  try {
    judgeFile(path, fstatSync(descriptor), {
      mode: refused === writableByUs ? "644" : "600",
      refused,
    });
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function replace(path: string, text: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) judgeFile(path, stats, { mode: "600", refused: closedToOthers });
  const next = `${path}.next`;
  rmSync(next, { force: true });
  try {
    writeDurably(next, constants.O_CREAT | constants.O_EXCL, text);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
  renameSync(next, path);
  const folder = openSync(dirname(path), constants.O_RDONLY);
  fsyncSync(folder);
  closeSync(folder);
}

function writeDurably(path: string, flags: number, text: string): void {
  const descriptor = openSafely(path, constants.O_WRONLY | flags);
  if (descriptor === null) throw unsafe(`${path} cannot be written`, `make room for ${path}`);
  try {
    judgeFile(path, fstatSync(descriptor), { mode: "600", refused: closedToOthers });
    // A umask can remove bits from 0600, and the owner must be able to read the file again.
    fchmodSync(descriptor, 0o600);
    writeWhole(descriptor, new TextEncoder().encode(text));
    fsyncSync(descriptor);
  } catch (error) {
    if (errnoOf(error) === "ENOSPC") throw new PeernetError("storage_full");
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function lengthen(path: string, bytes: number): void {
  const descriptor = openSafely(path, constants.O_WRONLY | constants.O_APPEND);
  if (descriptor === null) return;
  try {
    const stats = fstatSync(descriptor);
    judgeFile(path, stats, { mode: "600", refused: closedToOthers });
    writeWhole(descriptor, new Uint8Array(Math.max(0, bytes - stats.size)));
    fdatasyncSync(descriptor);
  } catch (error) {
    if (errnoOf(error) !== "ENOSPC") throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes all bytes or throws: a disk that fills up accepts a part without an error. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  const before = fstatSync(descriptor).size;
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
  } catch (error) {
    ftruncateSync(descriptor, before);
    throw error;
  }
}

function openSafely(path: string, flags: number): number | null {
  try {
    return openSync(path, flags | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT") return null;
    if (code === "ENOSPC") throw new PeernetError("storage_full");
    if (code === "ELOOP") {
      throw unsafe(`${path} is a symbolic link`, `replace ${path} by what it points to`);
    }
    throw unopened(path, code);
  }
}

/** The refusal for a file that cannot be opened, by its cause: not every cause is the mode. */
function unopened(path: string, code: string): PeernetError {
  if (code === "EMFILE" || code === "ENFILE") {
    return new PeernetError("internal", {
      message: `too many files are open to open another (${code})`,
      hint: "raise the limit of open files, as by ulimit -n 1024; peernet stop, then peernet start",
    });
  }
  const message = `${path} cannot be opened (${code})`;
  if (code === "EROFS") return unsafe(message, `make the disk that holds ${path} writable`);
  return unsafe(message, `chmod 600 ${path}`);
}

const unsafe = (message: string, hint: string): PeernetError =>
  new PeernetError("state_unsafe", { message, hint });
