/** Calls that the keeper of this home helps to answer. */

import type { Timers } from "../platform/effects.ts";

/** Dependencies of such a call. */
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
