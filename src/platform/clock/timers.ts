/**
 * The real timers, in a file of their own: the fast paths of the command line load nothing else.
 */

import type { Cancel, Timers } from "../effects.ts";

const cancelling =
  (timer: ReturnType<typeof setTimeout>): Cancel =>
  () =>
    clearTimeout(timer);

/** Timers of the event loop. */
export const timers: Timers = {
  after: (ms, run) => cancelling(setTimeout(run, ms)),
  every: (ms, run) => cancelling(setInterval(run, ms)),
};

/** Runs a function after the requests that have already arrived were read. */
export const defer = (run: () => void): void => {
  setImmediate(run);
};
