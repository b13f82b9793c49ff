/** Saves what becomes of a handover: its state, the stage of its messages, its record. */

import type { Handover } from "../../core/messages/handover.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Work } from "../context/context.ts";
import type { Mail } from "../context/ports.ts";

/** A change of a handover. */
export interface HandoverChange {
  readonly before: Handover;
  readonly after: Handover;
  readonly now: Instant;
}

/** Saves a changed handover. A lost one gives its messages back. */
export function saveHandover(work: Work, mail: Mail, change: HandoverChange): void {
  const { before, after, now } = change;
  work.tables.handovers.put(after);
  if (after.state === before.state) return;
  const { nonce, state } = after;
  if (state === "handed" || state === "surfaced") mail.raised(work, nonce, { stage: state, now });
  if (state === "lost") mail.givenBack(work, nonce, now);
  if (state !== "handed") recordHandover(work, after);
}

/** Records a handover's state: that it was given, that it surfaced, or that it was lost. */
export function recordHandover(work: Work, { name, harness, nonce, state }: Handover): void {
  work.record({
    ...{ direction: "local", verb: "handover", origin_transport: "control" },
    ...{ outcome: state === "lost" ? "lost" : "ok", handle: name, harness },
    details: { nonce, state },
  });
}
