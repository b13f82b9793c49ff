/** Calls that start the daemon first where none answers. On the fast path of an ask. */

import { PeernetError } from "../contract/errors.ts";
import type { Io } from "./io.ts";

/**
 * Makes a call; where no daemon answers, starts one and makes it again.
 * @throws what the call throws, or why the daemon could not be started
 */
export async function started<T>(io: Io, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof PeernetError) || cause.code !== "daemon_not_running") throw cause;
  }
  await io.ensureDaemon();
  return call();
}
