/**
 * Detects a silent daemon: stopped by a signal, frozen, out of descriptors, or blocked by a dead
 * disk. While a call waits for its reply, the watch asks on a connection of its own whether the
 * daemon still answers. Does not limit the time of a daemon that answers.
 */

import { daemonSilenceMs } from "../contract/limits.ts";
import type { Cancel, Timers } from "../platform/effects.ts";

/** Dependencies of a watch. */
export interface SilenceParts {
  readonly timers: Timers;
  /** Resolves when the daemon answers anything at all. */
  readonly ask: (signal: AbortSignal) => Promise<void>;
  /** Called once, when the daemon has been silent for about a second. */
  readonly onWait?: (() => void) | undefined;
  /** The silence that ends the wait; `daemonSilenceMs` unless given. */
  readonly silenceMs?: number | undefined;
}

/** A watch over one call, until it is ended. */
export interface Watch {
  /** Aborted when the daemon is silent, or when the caller's own signal is. */
  readonly signal: AbortSignal;
  /** True once the daemon's silence aborted it. */
  readonly isSilent: () => boolean;
  /** Notes that the daemon sent data; the next question waits at least this pause. */
  readonly heard: (pauseMs: number) => void;
  readonly end: () => void;
}

/**
 * The step in which silence is counted. A process that was itself stopped, or slept, loses one
 * step, and reads the reply that came meanwhile before it judges.
 */
const stepMs = 250;
/** The daemon is asked whether it answers after this long without a reply … */
const askAfterMs = 750;
/** … and a person learns of the wait after this. */
const tellAfterMs = 1_250;
/** The pause after the daemon's answer, unless a stream sets another. */
const restMs = 2_000;

/** Begins to watch over a call. */
export function watchSilence(parts: SilenceParts, caller?: AbortSignal): Watch {
  const controller = new AbortController();
  const abort = (): void => controller.abort(caller?.reason);
  const counting = counter(parts, () => controller.abort());
  caller?.addEventListener("abort", abort, { once: true });
  if (caller?.aborted === true) abort();
  return {
    signal: controller.signal,
    isSilent: counting.isSilent,
    heard: counting.heard,
    end: () => {
      counting.end();
      caller?.removeEventListener("abort", abort);
    },
  };
}

/**
 * Counts the silence, asks whether the daemon answers, and reports the wait and the end once each.
 */
function counter(parts: SilenceParts, onSilence: () => void) {
  const { timers, onWait, silenceMs = daemonSilenceMs } = parts;
  let silentMs = 0;
  let pauseMs = restMs;
  let hasTold = false;
  let cancel: Cancel = () => {};
  const after = (ms: number): void => {
    cancel();
    cancel = timers.after(ms, step);
  };
  const heard = (forMs: number): void => {
    question.drop();
    pauseMs = forMs;
    silentMs = 0;
    after(forMs);
  };
  const question = questions(parts, () => heard(pauseMs));
  const step = (): void => {
    silentMs += stepMs;
    if (silentMs >= silenceMs) {
      onSilence();
      return;
    }
    if (silentMs >= askAfterMs) question.put();
    if (!hasTold && silentMs >= tellAfterMs) {
      hasTold = true;
      onWait?.();
    }
    after(stepMs);
  };
  after(stepMs);
  const end = (): void => {
    cancel();
    question.drop();
  };
  return { heard, end, isSilent: () => silentMs >= silenceMs };
}

/** Puts one question at a time; repeats a refused one. */
function questions({ ask }: SilenceParts, onAnswer: () => void) {
  let asking: AbortController | null = null;
  const drop = (): void => {
    asking?.abort();
    asking = null;
  };
  const put = (): void => {
    if (asking !== null) return;
    const own = new AbortController();
    asking = own;
    const isCurrent = (): boolean => asking === own;
    ask(own.signal).then(
      () => isCurrent() && onAnswer(),
      () => isCurrent() && drop(),
    );
  };
  return { put, drop };
}
