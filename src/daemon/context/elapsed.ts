/** The elapsed time, over restarts and independent of changes to the clocks. */

import { elapsedMarkMs } from "../../contract/reach/limits.ts";
import { elapsedMs, markAt } from "../../core/elapsed.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "./context.ts";

type Timed = Pick<Context, "run" | "tables">;

const momentOf = ({ run }: Pick<Context, "run">, { bootMs, wallMs }: Instant) => ({
  run: run.id,
  bootMs,
  wallMs,
});

/** The time that has elapsed at an instant, in ms since the first start of this home. */
export const elapsedAt = (context: Timed, now: Instant): number =>
  elapsedMs(context.tables.outbox.mark(), momentOf(context, now));

/** True when the elapsed time was last saved too long ago. */
export const isMarkDue = ({ tables }: Timed, { bootMs }: Instant): boolean =>
  Math.abs(bootMs - (tables.outbox.mark()?.boot_ms ?? 0)) >= elapsedMarkMs;

/** Saves the elapsed time; each run does so as it begins. */
export function markElapsed(context: Timed, { tables }: Work, now: Instant): void {
  tables.outbox.putMark(markAt(tables.outbox.mark(), momentOf(context, now)));
}
