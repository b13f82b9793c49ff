/** Ends a stream when the user interrupts, and tells that from every other end. */

import type { Io } from "./io.ts";

/** What a command returns that the user interrupted. */
export const interruptedExit = 130;

/**
 * Runs something that watches a stream. When the user interrupts, its signal is aborted, and what
 * it throws from then on is no error but 130; what it had already come to stands.
 */
export async function interruptible(
  io: Io,
  watch: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const abort = new AbortController();
  const cancel = io.onInterrupt(() => abort.abort());
  try {
    return await watch(abort.signal);
  } catch (cause) {
    if (abort.signal.aborted) return interruptedExit;
    throw cause;
  } finally {
    cancel();
  }
}
