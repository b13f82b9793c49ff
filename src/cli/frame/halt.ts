/**
 * Stops the daemon of a home: by its own word, and where it does not answer by its process. Ends
 * no process but the one that noted itself as the daemon, with the start time that it noted.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { Process } from "../../contract/lease.ts";
import { daemonGraceMs } from "../../contract/limits.ts";
import { signal } from "../../platform/process/signal.ts";
import { isAlive } from "../../session/process.ts";
import { type LaunchParts, stoppedName, until } from "./launch.ts";

/** The note of the daemon's process, as the daemon leaves it. */
const processName = "process.json";

/** Dependencies of stopping. */
export interface HaltParts
  extends Pick<LaunchParts, "calls" | "files" | "clock" | "timers" | "isHeld"> {
  /** True while this very process lives. @throws when the system does not tell */
  readonly isAlive: (process: Process) => boolean;
  /** Signals a process; nothing where there is none. */
  readonly signal: (pid: number, name: "SIGTERM" | "SIGCONT" | "SIGKILL") => void;
}

/** The processes of this system. */
export const realProcesses: Pick<HaltParts, "isAlive" | "signal"> = { isAlive, signal };

/** The outcome of stopping. */
export interface Stopped {
  /** Why it could not be noted that the daemon is to stay stopped; null where it was. */
  readonly unremembered: string | null;
}

/**
 * Stops the daemon and notes that it was stopped; resolves once it is gone.
 * @throws {daemon_silent} where its process is not known or cannot be ended
 */
export async function stopDaemon(parts: HaltParts): Promise<Stopped> {
  const told = await tell(parts);
  const unremembered = told === null ? remember(parts) : told.unremembered;
  const isGone = async (): Promise<boolean> => !parts.isHeld();
  const isGoing = told !== null && (await until(parts, isGone));
  if (!isGoing) await end(parts);
  return { unremembered };
}

/** Tells the daemon to stop; null where none answers. */
async function tell({ calls }: HaltParts): Promise<Stopped | null> {
  try {
    // An older daemon does not say.
    const { unremembered = null } = await calls.stop({});
    return { unremembered };
  } catch (error) {
    const code = error instanceof PeernetError ? error.code : "";
    if (code === "daemon_not_running" || code === "daemon_silent") return null;
    throw error;
  }
}

/** Notes that the daemon was stopped, and when. Returns why there was no space for it, or null. */
function remember({ files, clock }: HaltParts): string | null {
  try {
    files.write(stoppedName, String(Math.floor(clock.wallMs())));
    return null;
  } catch (error) {
    if (error instanceof PeernetError && error.code === "storage_full") return error.message;
    throw error;
  }
}

/** Ends a daemon that does not answer: gently, and after a while for good. */
async function end(parts: HaltParts): Promise<void> {
  const isGone = async (): Promise<boolean> => !parts.isHeld();
  // A daemon that ends on its own may have closed its socket, and not yet let go of its lock.
  if (await until(parts, isGone, daemonGraceMs)) return;
  const known = processIn(parts);
  if (known === null) throw unknown(parts);
  parts.signal(known.pid, "SIGTERM");
  // A process that was stopped takes no other signal before it goes on.
  parts.signal(known.pid, "SIGCONT");
  if (await until(parts, isGone, daemonGraceMs)) return;
  if (parts.isAlive(known)) parts.signal(known.pid, "SIGKILL");
  if (await until(parts, isGone, daemonGraceMs)) return;
  throw new PeernetError("daemon_silent", {
    message: `the daemon does not answer, and the system does not end its process ${known.pid}`,
    hint: "thaw what holds it, as a frozen container or a dead disk, or restart the machine",
  });
}

/** The process that noted itself as the daemon, if it is the one that has that number now. */
function processIn({ files, isAlive }: HaltParts): Process | null {
  try {
    const { pid, start_time } = JSON.parse(files.read(processName) ?? "null");
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
    hint: `fuser -k "${files.folder}/lock.db"`,
  });
