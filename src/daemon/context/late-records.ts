/**
 * Records written after their subject was reported: the outcomes of asks. Keeps each until it is
 * durable; no answer ever depends on one.
 */

import { sweepMs } from "../../contract/limits.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import { instantOf } from "../../platform/effects.ts";
import type { Context, Work } from "./context.ts";
import { detach } from "./detached.ts";

type Draft = Omit<AuditDraft, "at_ms">;

/** Records that wait until their answers have left. */
export interface LateRecords {
  /** Writes a record soon: a present answer has left by then. */
  add(draft: Draft): void;
  /** Writes all waiting records in a transaction, for a daemon that stops. */
  flush(work: Work): void;
}

/** Makes an empty store for late records. */
export function lateRecords(context: Context): LateRecords {
  const { timers, clock, log } = context.effects;
  const waiting: Draft[] = [];
  let isDue = false;
  const flush = (work: Work): void => {
    for (const draft of waiting.splice(0)) work.record(draft);
  };
  const writeIn = (ms: number): void => {
    if (isDue) return;
    isDue = true;
    timers.after(ms, () => detach(log, "late records", write));
  };
  const write = async (): Promise<void> => {
    isDue = false;
    if (waiting.length === 0) return;
    let taken: readonly Draft[] = [];
    try {
      await context.transact(instantOf(clock), (work) => {
        taken = [...waiting];
        flush(work);
        return { value: undefined };
      });
    } catch {
      // The disk may have space again by the next try; the next ask reports that it has none.
      waiting.unshift(...taken);
      writeIn(sweepMs);
    }
  };
  const add = (draft: Draft): void => {
    waiting.push(draft);
    writeIn(0);
  };
  return { add, flush };
}
