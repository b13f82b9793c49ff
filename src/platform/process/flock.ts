/**
 * Locks of files that the kernel releases with their process, in any end of it (flock(2)). No child
 * inherits one: the descriptor closes when a program starts.
 */

import { FFIType } from "bun:ffi";
import { closeSync, constants, openSync } from "node:fs";
import { errnoOf } from "../errno.ts";
import { openLibc } from "./libc.ts";

const exclusive = 2;
const atOnce = 4;
const shared = 1;

/** A lock that this process holds. */
export interface FileLock {
  release(): void;
}

/** Takes the lock of a file, which is made when it is absent; null while another holds it. */
export const lockFile = (path: string): FileLock | null =>
  locked(path, exclusive, constants.O_RDWR | constants.O_CREAT);

/** True while a process holds the lock of a file. Never creates the file. */
export function isLocked(path: string): boolean {
  try {
    const lock = locked(path, shared, constants.O_RDONLY);
    lock?.release();
    return lock === null;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

const { i32 } = FFIType;
const open = () => openLibc({ flock: { args: [i32, i32], returns: i32 } });
let opened: ReturnType<typeof open> | null = null;

function locked(path: string, kind: number, flags: number): FileLock | null {
  opened ??= open();
  const descriptor = openSync(path, flags | constants.O_NOFOLLOW, 0o600);
  if (opened.flock(descriptor, kind | atOnce) === 0)
    return { release: () => closeSync(descriptor) };
  closeSync(descriptor);
  return null;
}
