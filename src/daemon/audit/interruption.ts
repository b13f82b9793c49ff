/** Notes on the trail that the former daemon ended abruptly. */

import { interrupted } from "../../core/subjects/interruptions.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context } from "../context/context.ts";

/** Notes it: the record shows later why a question that left right before has none. */
export async function noteInterruption(context: Context, now: Instant): Promise<void> {
  const { audit } = context.tables;
  const last = audit.at(audit.head().seq);
  if (last === null) return;
  await context.transact(now, (work) => {
    const mark = { direction: "local", verb: "trail", outcome: interrupted } as const;
    work.record({ ...mark, details: { since_ms: last.at_ms } });
    return { value: undefined };
  });
}
