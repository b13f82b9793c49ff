/** Explains why no daemon answers, in the same words for every command. */

import { errorTable, type PeernetError } from "../../contract/errors.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { Io } from "../terminal/io.ts";

/** The error of a command; after a person's stop it says so, with the time. */
export async function whyAway(io: Io, error: PeernetError): Promise<PeernetError> {
  const { message } = errorTable.daemon_not_running;
  if (error.code !== "daemon_not_running" || error.message !== message) return error;
  const { stoppedError } = await import("./launch.ts");
  const stopped = await stoppedAt(io, stateNames.stopped);
  return stopped === null ? error : stoppedError(io, stopped);
}

/** The time of a stop; null when there is none, or no home. */
async function stoppedAt(io: Io, name: string): Promise<string | null> {
  try {
    return await Bun.file(`${io.home}/${name}`).text();
  } catch {
    return null;
  }
}
