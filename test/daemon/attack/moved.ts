/**
 * Effects whose clocks stand still until a test moves them, whose sweep runs when a test says so,
 * and whose commits wait when a test holds them. All else is real.
 */

import { defer } from "../../../src/platform/clock/timers.ts";
import type { Clock, Effects, Timers } from "../../../src/platform/effects.ts";

/** Clocks, sweep and commits of one daemon, in the test's hand. */
export interface Moved {
  /** For `MachineOptions`. */
  readonly effects: (real: Effects) => Effects;
  readonly defer: (run: () => void) => void;
  /** Moves clocks on, or back if a clock can do that. */
  move(by: { wallMs?: number; bootMs?: number; monotonicMs?: number }): void;
  /** Moves all three. */
  pass(ms: number): void;
  /** Runs the sweep once; its consequences continue afterwards. */
  sweep(): void;
  /** In how many ms the next sweep would have come by itself. */
  restsMs(): number;
  /** From now on commits wait. */
  hold(): void;
  /** The number of waiting commits. */
  held(): number;
  /** Lets all that wait go on, and those to come. */
  release(): void;
  /** Deadlines of calls come so many times sooner than they should. */
  hurry: number;
}

/** Takes clocks, sweep and commits into the test's hand. */
export function moved(): Moved {
  const offsets = { wallMs: 0, bootMs: 0, monotonicMs: 0 };
  const sweeps: Interval[] = [];
  let waiting: (() => void)[] | null = null;
  const moving: Moved = {
    hurry: 1,
    effects: (real) => ({
      ...real,
      clock: stoppedClock(real.clock, offsets),
      timers: handTimers(real.timers, sweeps, () => moving.hurry),
    }),
    defer: (run) => {
      if (waiting === null) defer(run);
      else waiting.push(run);
    },
    move: ({ wallMs = 0, bootMs = 0, monotonicMs = 0 }) => {
      offsets.wallMs += wallMs;
      offsets.bootMs += bootMs;
      offsets.monotonicMs += monotonicMs;
    },
    pass: (ms) => moving.move({ wallMs: ms, bootMs: ms, monotonicMs: ms }),
    sweep: () => {
      // A sweep that is over sets the next one.
      for (const { run } of [...sweeps]) run();
    },
    restsMs: () => sweeps.at(-1)?.ms ?? 0,
    hold: () => {
      waiting ??= [];
    },
    held: () => waiting?.length ?? 0,
    release: () => {
      const due = waiting ?? [];
      waiting = null;
      for (const run of due) run();
    },
  };
  return moving;
}

function stoppedClock(
  real: Clock,
  offsets: { readonly wallMs: number; readonly bootMs: number; readonly monotonicMs: number },
): Clock {
  // Whole milliseconds: a sum of fractions may fall short of the instant that a test means.
  const wall = Math.floor(real.wallMs());
  const boot = Math.floor(real.bootMs());
  const monotonic = Math.floor(real.monotonicMs());
  return {
    wallMs: () => wall + offsets.wallMs,
    bootMs: () => boot + offsets.bootMs,
    monotonicMs: () => monotonic + offsets.monotonicMs,
  };
}

interface Interval {
  readonly ms: number;
  readonly run: () => void;
}

/** The daemon's one interval is its sweep. */
function handTimers(real: Timers, sweeps: Interval[], hurry: () => number): Timers {
  return {
    after: (ms, run) => real.after(ms / hurry(), run),
    every: (ms, run) => {
      const interval = { ms, run };
      sweeps.push(interval);
      return () => {
        const at = sweeps.indexOf(interval);
        if (at >= 0) sweeps.splice(at, 1);
      };
    },
  };
}
