/** Says why no daemon answers, in the same words for every command. */

import { errorTable, type PeernetError } from "../../contract/errors.ts";
import type { Io } from "../terminal/io.ts";

/** The error of a command; where a person stopped the daemon, it says so and when. */
export async function whyAway(io: Io, error: PeernetError): Promise<PeernetError> {
  const { message } = errorTable.daemon_not_running;
  if (error.code !== "daemon_not_running" || error.message !== message) return error;
  const { stoppedError, stoppedName } = await import("./launch.ts");
  const stopped = await stoppedAt(io, stoppedName);
  return stopped === null ? error : stoppedError(io, stopped);
}

/** The note of a stop; null where there is none, or no home. */
async function stoppedAt(io: Io, name: string): Promise<string | null> {
  try {
    return await Bun.file(`${io.home}/${name}`).text();
  } catch {
    return null;
  }
}
