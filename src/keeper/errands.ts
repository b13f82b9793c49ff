/**
 * Carries out the daemon's errands: reads them from its stream, runs each within its deadline, and
 * reports the outcome. Decides nothing, and never repeats an errand.
 */

import type { Control } from "../contract/control.ts";
import type {
  Errand,
  ErrandInputOf,
  ErrandOutcome,
  ErrandOutputOf,
  ErrandsEvent,
  ErrandWord,
} from "../contract/errands/errands.ts";
import { errandsRememberedMax } from "../contract/errands/limits.ts";
import { processCheckMs, requestDeadlineMs } from "../contract/limits.ts";
import type { Calls } from "../contract/operation/operation.ts";
import type { Log, Timers } from "../platform/effects.ts";

/** Carries out one errand of a kind; null when no program here can. Ends on the signal. */
export type ErrandRunner<K extends ErrandWord> = (
  input: ErrandInputOf<K>,
  signal: AbortSignal,
) => Promise<ErrandOutputOf<K> | null>;

/** One runner for each kind: a missing one is a type error. */
export type ErrandRunners = { readonly [K in ErrandWord]: ErrandRunner<K> };

/** Dependencies of carrying out errands. */
export interface ErrandOptions {
  readonly calls: Pick<Calls<Control>, "errands" | "errand">;
  readonly runners: ErrandRunners;
  readonly version: string;
  readonly timers: Timers;
  readonly log: Log;
}

/** Errands in progress. */
export interface DoingErrands {
  /** True once the daemon asked this keeper to give way to a later version. */
  isReplaced(): boolean;
  /** Ends the stream and the running errands; resolves when both have ended. */
  end(): Promise<void>;
}

interface Progress {
  readonly ending: AbortController;
  /** The outcome of each errand, by id, even while it runs; the oldest first. */
  readonly outcomes: Map<string, Promise<ErrandOutcome>>;
  isReplaced: boolean;
}

/** Starts to carry out errands; asks a silent daemon again, as for leases. */
export function doErrands(options: ErrandOptions): DoingErrands {
  const ending = new AbortController();
  const progress: Progress = { ending, outcomes: new Map(), isReplaced: false };
  const reading = readAll(options, progress);
  return {
    isReplaced: () => progress.isReplaced,
    end: async () => {
      ending.abort();
      await reading;
      await Promise.all(progress.outcomes.values());
    },
  };
}

async function readAll(options: ErrandOptions, progress: Progress): Promise<void> {
  const { timers } = options;
  const { signal } = progress.ending;
  const ended = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => ended.resolve(), { once: true });
  while (!signal.aborted && !progress.isReplaced) {
    await read(options, progress).catch(() => {});
    const rested = Promise.withResolvers<void>();
    const cancel = timers.after(processCheckMs, rested.resolve);
    if (!progress.isReplaced) await Promise.race([rested.promise, ended.promise]);
    cancel();
  }
}

/** Reads one stream to its end. @throws as the stream does */
async function read(options: ErrandOptions, progress: Progress): Promise<void> {
  const { calls, runners, version } = options;
  const { signal } = progress.ending;
  const kinds = Object.keys(runners);
  for await (const event of calls.errands({ version, kinds }, { signal })) {
    if (event.event === "replace") progress.isReplaced = true;
    // An event of a later version is ignored.
    else if (event.event === "errand") void handle(options, progress, event);
  }
}

async function handle(
  options: ErrandOptions,
  progress: Progress,
  { errand }: Extract<ErrandsEvent, { event: "errand" }>,
): Promise<void> {
  const { id } = errand;
  const running = progress.outcomes.get(id) ?? done(options, progress, errand);
  progress.outcomes.delete(id);
  progress.outcomes.set(id, running);
  const [oldest] = progress.outcomes.keys();
  if (progress.outcomes.size > errandsRememberedMax && oldest !== undefined) {
    progress.outcomes.delete(oldest);
  }
  const outcome = await running;
  const deadline = new AbortController();
  const cancel = options.timers.after(requestDeadlineMs, () => deadline.abort());
  // A daemon that is gone repeats the errand, and gets the outcome then.
  await options.calls.errand({ id, outcome }, { signal: deadline.signal }).catch(() => {});
  cancel();
}

/** Runs an errand within its deadline. Never throws. */
async function done(
  { runners, timers, log }: ErrandOptions,
  { ending }: Progress,
  errand: Errand,
): Promise<ErrandOutcome> {
  const { kind, deadline_ms } = errand;
  if (!Object.hasOwn(runners, kind)) return { kind: "failed", reason: "unsupported" };
  const over = new AbortController();
  const late = Promise.withResolvers<"late">();
  const stop = (): void => {
    over.abort();
    late.resolve("late");
  };
  const cancel = timers.after(deadline_ms, stop);
  ending.signal.addEventListener("abort", stop, { once: true });
  try {
    const output = await Promise.race([started(runners, errand, over.signal), late.promise]);
    if (output === "late") return { kind: "failed", reason: "deadline" };
    if (output === null) return { kind: "failed", reason: "unsupported" };
    // The table gives the type: the runner of this kind made the output.
    return { kind, output } as ErrandOutcome;
  } catch (error) {
    if (over.signal.aborted) return { kind: "failed", reason: "deadline" };
    log.warn("errand_failed", { kind, reason: String(error) });
    return { kind: "failed", reason: "failed" };
  } finally {
    cancel();
    ending.signal.removeEventListener("abort", stop);
  }
}

/** Starts the runner of an errand's kind. */
const started = <K extends ErrandWord>(
  runners: ErrandRunners,
  { kind, input }: { readonly kind: K; readonly input: ErrandInputOf<K> },
  signal: AbortSignal,
): Promise<ErrandOutputOf<K> | null> => runners[kind](input, signal);
