/** Ends a stream when the user interrupts, and distinguishes that from every other end. */

import type { Io } from "./io.ts";

/** The exit code after the user's interrupt. */
export const interruptedExit = 130;

/**
 * Runs a function that watches a stream. The user's interrupt aborts its signal; an error after
 * that becomes exit code 130, and an earlier result stands.
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

/** Waits so long, unless the signal ends it. @throws the signal's reason */
export function later({ timers }: Pick<Io, "timers">, ms: number, signal: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = timers.after(ms, resolve);
  const stop = (): void => {
    cancel();
    reject(signal.reason);
  };
  signal.addEventListener("abort", stop, { once: true });
  return promise.finally(() => signal.removeEventListener("abort", stop));
}
