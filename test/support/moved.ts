/** Real effects whose clocks a test moves by hand: timers fire when the moved clock says so. */

import type { Cancel, Effects } from "../../src/platform/effects.ts";

/** Clocks that a test moves while a daemon runs by them. */
export interface Moved {
  /** Effects of a daemon, by the moved clocks. */
  of(real: Effects): Effects;
  /** Lets time pass on every clock. */
  pass(ms: number): void;
  /** Sets the wall clock, as a person or NTP does. */
  setWall(byMs: number): void;
}

/** The interval in which a timer looks at the moved clock. */
const lookMs = 5;

/** Makes clocks that run on from the real ones. */
export function movedClocks(): Moved {
  let passedMs = 0;
  let wallMs = 0;
  return {
    pass: (ms) => {
      passedMs += ms;
    },
    setWall: (byMs) => {
      wallMs += byMs;
    },
    of: (real) => {
      const { clock, timers } = real;
      const moved = {
        wallMs: () => clock.wallMs() + passedMs + wallMs,
        bootMs: () => clock.bootMs() + passedMs,
        monotonicMs: () => clock.monotonicMs() + passedMs,
      };
      const after = (ms: number, run: () => void): Cancel => {
        const dueMs = moved.monotonicMs() + ms;
        const cancel = timers.every(lookMs, () => {
          if (moved.monotonicMs() < dueMs) return;
          cancel();
          run();
        });
        return cancel;
      };
      const every = (ms: number, run: () => void): Cancel => {
        let dueMs = moved.monotonicMs() + ms;
        return timers.every(Math.min(ms, lookMs), () => {
          if (moved.monotonicMs() < dueMs) return;
          dueMs = moved.monotonicMs() + ms;
          run();
        });
      };
      return { ...real, clock: moved, timers: { ...timers, after, every } };
    },
  };
}
