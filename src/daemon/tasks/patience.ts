/**
 * Errands of a command wait a moment for a keeper: the command starts one, and wants it while it
 * waits. Without a command nothing waits.
 */

import { keeperPatienceMs } from "../../contract/limits.ts";
import type { Context } from "../context/context.ts";
import type { Errands } from "../context/ports.ts";

/** The interval of the looks for a keeper that was just started. */
const lookMs = 100;

/** Errands that wait, and the number of commands that do. */
export interface PatientErrands extends Errands {
  waiting(): number;
  /** Wants a keeper from the first moment of a command until its end. */
  during<T>(command: () => Promise<T>): Promise<T>;
}

/** Makes errands that wait for a keeper. */
export function patient({ effects }: Pick<Context, "effects">, errands: Errands): PatientErrands {
  const { clock, timers } = effects;
  let waiting = 0;
  const during: PatientErrands["during"] = async (command) => {
    waiting += 1;
    try {
      return await command();
    } finally {
      waiting -= 1;
    }
  };
  return {
    ...{ waiting: () => waiting, during },
    run: (errand) =>
      during(async () => {
        const untilMs = clock.monotonicMs() + keeperPatienceMs;
        for (;;) {
          const ended = await errands.run(errand);
          const isAbsent = !ended.done && ended.why === "no_keeper";
          if (!isAbsent || clock.monotonicMs() >= untilMs) return ended;
          await new Promise<void>((resolve) => timers.after(lookMs, resolve));
        }
      }),
  };
}
