/** Watches the limits of a run, and ends it at the first that is exceeded. */

import {
  diskFloorBytes,
  graceMs,
  memoryBytesMax,
  taskDiskBytesMax,
} from "../../../contract/tasks/limits.ts";
import type { Clock, Timers } from "../../../platform/effects.ts";
import type { Ender } from "./ending.ts";
import { freeBytes, memoryOf, takenBytes } from "./measure.ts";
import type { KeptOutput } from "./output.ts";

/** The limits of a run that differ from task to task. */
export interface WatchPlan {
  readonly wallMs: number;
  readonly idleMs: number;
  /** The folders whose bytes count. */
  readonly measured: readonly string[];
  /** True once the daemon asks to stop. */
  readonly isStopped: () => boolean;
  /** Resolves when the money is spent. */
  readonly isOverBudget: Promise<void>;
}

/** A run that is watched. */
export interface Watched {
  readonly ender: Ender;
  readonly output: Pick<KeptOutput, "seen">;
}

/** The watch over a run. */
export interface Watch {
  peakBytes(): number;
  end(): void;
}

const lookMs = 100;
/** A stopped run has this long: with it a revoked task is gone within a second. */
const stopGraceMs = 500;
/** The disk is counted again when so much of it was taken, and at this interval in any case. */
const takenStepBytes = 134_217_728;
const takenEveryMs = 20_000;
/** The time for one count of the disk. */
const takenMs = 10_000;

/** Watches a run until `end`. */
export function watchRun(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  plan: WatchPlan,
  { ender, output }: Watched,
): Watch {
  let peakBytes = 0;
  const disk = watchDisk({ clock, timers }, plan, ender);
  const cancel = timers.every(lookMs, () => {
    const now = clock.monotonicMs();
    const { provenMs, lastMs } = output.seen();
    if (plan.isStopped()) ender.end("stop", stopGraceMs);
    else if (now - provenMs >= plan.wallMs) ender.end("wall", graceMs);
    else if (now - lastMs >= plan.idleMs) ender.end("idle", graceMs);
    const bytes = memoryOf(ender.processes(), memoryBytesMax);
    peakBytes = Math.max(peakBytes, bytes);
    // What takes all memory or disk is not asked first.
    if (bytes > memoryBytesMax) ender.end("memory", 0);
    disk.look(now);
  });
  plan.isOverBudget.then(() => ender.end("budget", graceMs)).catch(() => {});
  return {
    peakBytes: () => peakBytes,
    end: () => {
      cancel();
      disk.end();
    },
  };
}

function watchDisk(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  { measured }: WatchPlan,
  ender: Ender,
) {
  const [folder] = measured;
  const ending = new AbortController();
  let counted = { free: folder === undefined ? 0 : freeBytes(folder), atMs: clock.monotonicMs() };
  let isCounting = false;
  const count = async (): Promise<void> => {
    isCounting = true;
    const over = new AbortController();
    const cancel = timers.after(takenMs, () => over.abort());
    const taken = await takenBytes(measured, AbortSignal.any([over.signal, ending.signal]));
    cancel();
    if (taken !== null && taken > taskDiskBytesMax) ender.end("disk", 0);
    isCounting = false;
  };
  return {
    look: (now: number): void => {
      if (folder === undefined) return;
      const free = freeBytes(folder);
      if (free < diskFloorBytes) ender.end("disk", 0);
      const isDue = counted.free - free >= takenStepBytes || now - counted.atMs >= takenEveryMs;
      if (!isDue || isCounting) return;
      counted = { free, atMs: now };
      count().catch(() => {});
    },
    end: () => ending.abort(),
  };
}
