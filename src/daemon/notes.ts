/**
 * The notes that a daemon leaves in the state folder: which process it is, and that it was stopped.
 * Commands read them where no daemon answers. Keeps no daemon from starting or from stopping.
 */

import { PeernetError } from "../contract/errors.ts";
import type { Process } from "../contract/lease.ts";
import type { Effects, StateFiles } from "../platform/effects.ts";

/** Names of the notes. */
export const noteNames = {
  /** There when `peernet stop` was the last word; holds when that was. */
  stopped: "stopped",
  /** Which process the daemon is, for a command that has to end one that does not answer. */
  process: "process.json",
} as const;

/** Notes which process this is. A note of an earlier daemon would lead to another process. */
export function noteProcess(
  { files, log }: Pick<Effects, "files" | "log">,
  self: Process | null,
): void {
  files.remove(noteNames.process);
  if (self === null) return;
  try {
    files.write(noteNames.process, JSON.stringify(self));
  } catch (error) {
    // Only a daemon that falls silent is ended by its note.
    log.warn("process_not_noted", { code: error instanceof PeernetError ? error.code : "" });
  }
}

/** Notes that the daemon was stopped. Returns why it could not, which keeps no daemon running. */
export function noteStop(files: StateFiles, wallMs: number): string | null {
  try {
    files.write(noteNames.stopped, String(Math.floor(wallMs)));
    return null;
  } catch (error) {
    if (error instanceof PeernetError) return error.message;
    throw error;
  }
}
