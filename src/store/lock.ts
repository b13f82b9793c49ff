/**
 * A lock that the system releases when the process ends, in any way: an exclusive transaction on a
 * database of its own that never commits anything.
 */

import { Database } from "bun:sqlite";
import type { Timers } from "../platform/effects.ts";
import { nameOf } from "./sqlite-errors.ts";

/** A lock that this process holds. */
export interface Lock {
  release(): void;
}

/** Takes the lock at a path, or returns null at once when another process holds it. */
export function takeLock(path: string): Lock | null {
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  try {
    database.run("PRAGMA busy_timeout = 0");
    // A journal file would take space: on a full disk nobody could see who holds the lock.
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("BEGIN EXCLUSIVE");
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") return null;
    throw nameOf(error);
  }
}

/** True while another process holds the lock at a path. */
export function isTaken(path: string): boolean {
  const lock = takeLock(path);
  lock?.release();
  return lock === null;
}

/**
 * Takes the lock, waiting briefly for a holder that is about to end; null if the lock stays held.
 */
export async function takeLockSoon(
  path: string,
  { timers, forMs }: { readonly timers: Timers; readonly forMs: number },
): Promise<Lock | null> {
  for (let waitedMs = 0; waitedMs < forMs; waitedMs += lookMs) {
    const lock = takeLock(path);
    if (lock !== null) return lock;
    await new Promise<void>((resolve) => timers.after(lookMs, resolve));
  }
  return takeLock(path);
}

const lookMs = 100;
