/**
 * The daemon's notes in the state folder: its process, and its stop by a person. Commands read them
 * when no daemon answers. Never keeps a daemon from starting or stopping.
 */

import { PeernetError } from "../contract/errors.ts";
import type { Process } from "../contract/lease.ts";
import { stateNames } from "../contract/text/state-names.ts";
import type { Effects, StateFiles } from "../platform/effects.ts";

/** Notes this process. A note of an earlier daemon would lead to another process. */
export function noteProcess(
  { files, log }: Pick<Effects, "files" | "log">,
  self: Process | null,
): void {
  files.remove(stateNames.process);
  if (self === null) return;
  try {
    files.write(stateNames.process, JSON.stringify(self));
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
    files.write(stateNames.stopped, String(Math.floor(wallMs)));
    return null;
  } catch (error) {
    if (error instanceof PeernetError) return error.message;
    throw error;
  }
}
