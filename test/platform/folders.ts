/** Temporary folders, umasks and modes for the tests of `src/platform`. */

import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PeernetError } from "../../src/contract/errors.ts";

/** True when the tests run as a user who may give files away. */
export const isRoot = process.geteuid?.() === 0;
/** The reason of a test that is skipped otherwise. */
export const notRoot = "only root can make a file of another user";
/** A user who is not this one. */
export const otherUser = 65_534;

/** A temporary folder that is gone after the block. */
export interface Folder extends Disposable {
  readonly path: string;
}

/** Makes a temporary folder. */
export function folder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "peernet-platform-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs something under a umask, and puts the old one back. */
export function under<T>(mask: number, run: () => T): T {
  const before = process.umask(mask);
  try {
    return run();
  } finally {
    process.umask(before);
  }
}

/** The mode of the file at a path, as `chmod` takes it. */
export const modeOf = (path: string): string =>
  (lstatSync(path).mode & 0o7777).toString(8).padStart(4, "0");

/** Everything at and below a path that is not exactly 0700 for a folder, 0600 for all else. */
export function notPrivate(path: string): readonly string[] {
  const entries = readdirSync(path, { recursive: true }).map((name) => join(path, String(name)));
  return [path, ...entries].flatMap((entry) => {
    const wanted = lstatSync(entry).isDirectory() ? "0700" : "0600";
    return modeOf(entry) === wanted ? [] : [`${entry} has ${modeOf(entry)}`];
  });
}

/** All visible properties of the file at a path, except the time of its reading. */
export function looks(path: string): unknown {
  const stats = lstatSync(path);
  const { ino, mode, uid, gid, size, mtimeMs } = stats;
  const content = stats.isSymbolicLink()
    ? readlinkSync(path)
    : stats.isDirectory()
      ? readdirSync(path)
      : stats.isFile()
        ? readFileSync(path, "hex")
        : "";
  return { ino, mode, uid, gid, size, mtimeMs, content };
}

/** The refusal of a call. @throws when it succeeds, or fails otherwise */
export function refusal(run: () => unknown): PeernetError["body"] {
  try {
    run();
  } catch (error) {
    if (error instanceof PeernetError) return error.body;
    throw error;
  }
  throw new Error("nothing was refused");
}
