/** The clocks of a process that judges no lease: the boot-time clock takes 3 ms to load. */

import type { Clock } from "../effects.ts";

/** Clocks for a process that judges no lease: bootMs is the monotonic clock. */
export const clocks: Clock = {
  wallMs: () => Date.now(),
  bootMs: () => performance.now(),
  monotonicMs: () => performance.now(),
};
