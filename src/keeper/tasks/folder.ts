/**
 * The folders of a task below the state folder, and the files by which its supervisor, the keeper
 * and the daemon meet. Every file is written whole or not at all, and a result once.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { stateNames } from "../../contract/text/state-names.ts";
import { errnoOf } from "../../platform/errno.ts";

/** The files of a round's folder. */
export const roundNames = {
  order: "order.json",
  /** Held by the supervisor while it lives. */
  lock: "lock",
  /** Exists from before the first program of the round. */
  started: "started",
  state: "state.json",
  /** The daemon's request to stop. */
  stop: "stop",
  log: "log",
  result: "result.json",
  /** Files that the run must not reach. */
  planted: "planted",
} as const;

/** The folders of a task that its rounds share. */
export const taskNames = {
  /** A bare repository of ours that holds the base and the result. */
  git: "git",
  /** The work tree. */
  tree: "tree",
  home: "home",
  tmp: "tmp",
  /** The folder behind the run's shared memory. */
  shm: "shm",
  /** A repository for commits that came in a bundle. */
  quarantine: "quarantine",
} as const;

/** The file of each part that crosses in pieces, in the folder of its round. */
export const partNames = {
  ...{ bundle: "bundle", tree: "tree.bundle", result: roundNames.result, log: roundNames.log },
} as const;

/** A round of a task. */
export interface RoundId {
  readonly task_id: string;
  readonly round: number;
}

/** The folder of a task that runs here. */
export const taskFolder = (state: string, taskId: string): string =>
  join(state, stateNames.tasks, taskId);

/** The folder of a task that this machine asked for: its parts alone. */
export const askedFolder = (state: string, taskId: string): string =>
  join(state, stateNames.askedTasks, taskId);

/** The folder of a round that runs here. */
export const roundFolder = (state: string, { task_id, round }: RoundId): string =>
  join(taskFolder(state, task_id), String(round));

/** Makes a folder of ours, with those above it. */
export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Replaces a file, durably. @throws as the disk does */
export function replaceFile(folder: string, name: string, text: string): void {
  const next = writtenBeside(folder, name, text);
  renameSync(next, join(folder, name));
  syncFolder(folder);
}

/** Writes a file that must not exist, durably; false when it exists. @throws as the disk does */
export function writeOnce(folder: string, name: string, text: string): boolean {
  const next = writtenBeside(folder, name, text);
  try {
    linkSync(next, join(folder, name));
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(next, { force: true });
  }
  syncFolder(folder);
  return true;
}

function writtenBeside(folder: string, name: string, text: string): string {
  const next = join(folder, `.${name}.${process.pid}`);
  const descriptor = openSync(next, "w", 0o600);
  try {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return next;
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** True when a folder has a file of that name. */
export const hasFile = (folder: string, name: string): boolean => existsSync(join(folder, name));

/** The text of a file; null when there is none. */
export function readFile(folder: string, name: string): string | null {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** The longest path of a unix socket that every system accepts. */
const socketBytesMax = 103;

/** The path of a round's socket: in its folder, or in one of its own where that is too long. */
export function socketIn(folder: string): string {
  const name = "model.sock";
  const path = join(folder, name);
  const isShort = new TextEncoder().encode(path).length <= socketBytesMax;
  return isShort ? path : join(mkdtempSync("/tmp/peernet-task-"), name);
}
