/**
 * The daemon's notes in the state folder: its process, and its stop by a person. Commands read them
 * when no daemon answers. Never keeps a daemon from starting or stopping.
 */

import { PeernetError } from "../contract/errors.ts";
import type { Process } from "../contract/lease.ts";
import type { Effects, StateFiles } from "../platform/effects.ts";

/** Names of the notes. */
export const noteNames = {
  /** Exists while `peernet stop` was the last command; holds its time. */
  stopped: "stopped",
  /** The daemon's process, for a command that must end an unresponsive one. */
  process: "process.json",
} as const;

/** Notes this process. A note of an earlier daemon would lead to another process. */
export function noteProcess(
  { files, log }: Pick<Effects, "files" | "log">,
  self: Process | null,
): void {
  files.remove(noteNames.process);
  if (self === null) return;
  try {
    files.write(noteNames.process, JSON.stringify(self));
  } catch (error) {
    // Only an unresponsive daemon is ended by its note.
    log.warn("process_not_noted", { code: error instanceof PeernetError ? error.code : "" });
  }
}

/**
 * Notes the stop of the daemon. Returns the reason for a failure, which keeps no daemon running.
 */
export function noteStop(files: StateFiles, wallMs: number): string | null {
  try {
    files.write(noteNames.stopped, String(Math.floor(wallMs)));
    return null;
  } catch (error) {
    if (error instanceof PeernetError) return error.message;
    throw error;
  }
}
