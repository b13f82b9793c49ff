/** Draws the state of an open pairing window: one line on stderr, rewritten on a terminal. */

import { attemptsMax } from "../../contract/limits.ts";
import { left } from "../../contract/text/words.ts";
import type { Io } from "./io.ts";
import { note, overwrite } from "./output.ts";
import { counted } from "./text.ts";

/** A terminal writes `^C` after the line when a person presses that. */
const echoWidth = 2;

/** A window's line. */
export interface Countdown {
  /** Shows an event, and the attempts left if one was spent. */
  happened(what: string, attemptsLeft?: number): void;
  /** Stops counting and wipes the line. */
  end(): void;
}

/**
 * Counts down a window's life. On a terminal the line is rewritten once a second; elsewhere it is
 * printed once, and again when something happens.
 */
export function countdown(io: Io, lifeMs: number): Countdown {
  const rewriting = io.terminal().stderr;
  const endMs = io.clock.monotonicMs() + lifeMs;
  let attempts = attemptsMax;
  let news: string | null = null;
  let width = 0;
  const draw = (): void => {
    const parts = [
      `${left(endMs - io.clock.monotonicMs())} left`,
      `${counted(attempts, "attempt")} left`,
      news ?? (rewriting ? "Ctrl-C closes the window" : null),
    ];
    const line = parts.filter((part) => part !== null).join(" · ");
    if (rewriting) width = overwrite(io, line, width);
    else note(io, line);
  };
  draw();
  const cancel = rewriting ? io.timers.every(1_000, draw) : () => {};
  return {
    happened: (what, attemptsLeft = attempts) => {
      attempts = attemptsLeft;
      news = what;
      draw();
    },
    end: () => {
      cancel();
      if (width > 0) width = overwrite(io, "", width + echoWidth);
    },
  };
}
