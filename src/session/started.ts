/** Calls that first start the daemon or the keeper. On the fast path of an ask. */

import { PeernetError } from "../contract/errors.ts";
import type { Timers } from "../platform/effects.ts";

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

/** Dependencies of a call that the keeper helps to answer. */
export interface Keeping {
  /** Starts a keeper of this home, unless one runs. */
  ensureKeeper(): Promise<void>;
  readonly timers: Timers;
}

/** The interval of the looks for the keeper. */
const lookMs = 300;

/**
 * Makes a call, and sees to it that a keeper runs until its end: one that runs as the call begins
 * may just have decided to end. @throws what the call throws
 */
export async function withKeeper<T>(keeping: Keeping, call: () => Promise<T>): Promise<T> {
  await keeping.ensureKeeper();
  const cancel = keeping.timers.every(lookMs, () => {
    // The call itself tells what is missing.
    keeping.ensureKeeper().catch(() => {});
  });
  try {
    return await call();
  } finally {
    cancel();
  }
}
