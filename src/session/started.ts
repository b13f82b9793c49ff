/** Calls that first start the daemon when it is not running. On the fast path of an ask. */

import { PeernetError } from "../contract/errors.ts";

/** Starts a daemon when a call found none. */
export interface Starting {
  /**
   * Resolves once a daemon answers.
   * @throws {daemon_not_running} {port_in_use} {state_unsafe} {database_newer} {database_damaged}
   */
  ensureDaemon(): Promise<void>;
}

/**
 * Makes a call; when no daemon answers, starts one and repeats the call.
 * @throws what the call throws, or the reason why the daemon could not start
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
