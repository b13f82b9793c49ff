/** Calls that start the daemon first where none answers. On the fast path of an ask. */

import { PeernetError } from "../contract/errors.ts";

/** What starts a daemon where a call found none. */
export interface Starting {
  /**
   * Resolves once a daemon answers.
   * @throws {daemon_not_running} {port_in_use} {state_unsafe} {database_newer} {database_damaged}
   */
  ensureDaemon(): Promise<void>;
}

/**
 * Makes a call; where no daemon answers, starts one and makes it again.
 * @throws what the call throws, or why the daemon could not be started
 */
export async function started<T>(starting: Starting, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof PeernetError) || cause.code !== "daemon_not_running") throw cause;
  }
  await starting.ensureDaemon();
  return call();
}
