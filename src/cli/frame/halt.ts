/**
 * Stops the daemon of a home: by a call, or by its process when it does not answer. Ends only the
 * process that noted itself as the daemon, with the same start time.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { Process } from "../../contract/lease.ts";
import { daemonGraceMs } from "../../contract/limits.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { signal } from "../../platform/process/signal.ts";
import { isAlive } from "../../session/process.ts";
import { type LaunchParts, until } from "./launch.ts";

/** The daemon's note of its own process. */

/** Dependencies of stopping the daemon. */
export interface HaltParts
  extends Pick<LaunchParts, "calls" | "files" | "clock" | "timers" | "isHeld"> {
  /** True while this very process lives. @throws when the system does not show processes */
  readonly isAlive: (process: Process) => boolean;
  /** Signals a process; does nothing when there is none. */
  readonly signal: (pid: number, name: "SIGTERM" | "SIGCONT" | "SIGKILL") => void;
}

/** The processes of this system. */
export const realProcesses: Pick<HaltParts, "isAlive" | "signal"> = { isAlive, signal };

/** The outcome of stopping the daemon. */
export interface Stopped {
  /** The reason why the lasting stop could not be noted; null when it was noted. */
  readonly unremembered: string | null;
}

/**
 * Stops the daemon and notes the stop; resolves once it is gone.
 * @throws {daemon_silent} when its process is unknown or cannot be ended
 */
export async function stopDaemon(parts: HaltParts): Promise<Stopped> {
  const told = await tell(parts);
  const unremembered = told === null ? remember(parts) : told.unremembered;
  const isGone = async (): Promise<boolean> => !parts.isHeld();
  const isGoing = told !== null && (await until(parts, isGone));
  if (!isGoing) await end(parts);
  return { unremembered };
}

/** Asks the daemon to stop; null when none answers. */
async function tell({ calls }: HaltParts): Promise<Stopped | null> {
  try {
    // An older daemon sends no such field.
    const { unremembered = null } = await calls.stop({});
    return { unremembered };
  } catch (error) {
    const code = error instanceof PeernetError ? error.code : "";
    if (code === "daemon_not_running" || code === "daemon_silent") return null;
    throw error;
  }
}

/**
 * Notes the stop of the daemon, with the time. Returns the reason why there was no space for it, or
 * null.
 */
function remember({ files, clock }: HaltParts): string | null {
  try {
    files.write(stateNames.stopped, String(Math.floor(clock.wallMs())));
    return null;
  } catch (error) {
    if (error instanceof PeernetError && error.code === "storage_full") return error.message;
    throw error;
  }
}

/** Ends an unresponsive daemon: first with SIGTERM, later with SIGKILL. */
async function end(parts: HaltParts): Promise<void> {
  const isGone = async (): Promise<boolean> => !parts.isHeld();
  // A daemon that is ending may have closed its socket, and still hold its lock.
  if (await until(parts, isGone, daemonGraceMs)) return;
  const known = processIn(parts);
  if (known === null) throw unknown(parts);
  parts.signal(known.pid, "SIGTERM");
  // A stopped process handles no other signal before it continues.
  parts.signal(known.pid, "SIGCONT");
  if (await until(parts, isGone, daemonGraceMs)) return;
  if (parts.isAlive(known)) parts.signal(known.pid, "SIGKILL");
  if (await until(parts, isGone, daemonGraceMs)) return;
  throw new PeernetError("daemon_silent", {
    message: `the daemon does not answer, and the system does not end its process ${known.pid}`,
    hint: "thaw what holds it, as a frozen container or a dead disk, or restart the machine",
  });
}

/** The process that noted itself as the daemon, if it still has that number. */
function processIn({ files, isAlive }: HaltParts): Process | null {
  try {
    const { pid, start_time } = JSON.parse(files.read(stateNames.process) ?? "null");
    if (!Number.isSafeInteger(pid) || pid <= 0 || typeof start_time !== "string") return null;
    return isAlive({ pid, start_time }) ? { pid, start_time } : null;
  } catch (error) {
    if (error instanceof PeernetError) throw error;
    return null;
  }
}

const unknown = ({ files }: HaltParts): PeernetError =>
  new PeernetError("daemon_silent", {
    message: "the daemon does not answer, and did not note which process it is",
    hint: `fuser -k "${files.folder}/${stateNames.lock}"`,
  });
