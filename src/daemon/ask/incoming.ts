/**
 * Answers what a paired machine asks. Reads every lease, whichever is asked for, and tells nothing
 * that the transaction does not record.
 */

import type { WireAnswer } from "../../contract/ask.ts";
import { accept, type ErrorBody, type Outcome, refuse } from "../../contract/errors.ts";
import type { InputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import { answerPeer } from "../../core/ask.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { type Context, digestOf, nowOf, type Work } from "../context/context.ts";
import { askBegun } from "../context/events.ts";

/** One ask of a peer, inside the transaction that decides it. */
export interface Asking {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly input: InputOf<Wire["ask"]>;
  readonly now: Instant;
  /** The origin of the ask, as the trail has it. */
  readonly origin: Partial<AuditDraft>;
}

type Stored =
  | { readonly ok: true; readonly value: WireAnswer }
  | { readonly ok: false; readonly error: ErrorBody };

/** Answers an ask of a peer and records it, in the transaction that it is handed. */
export function answerAsk(
  context: Context,
  { peer, work, input, now: instant, origin }: Asking,
): Outcome<WireAnswer> {
  const now = nowOf(context, instant);
  // All of them, whichever is asked for: how long a query by name takes tells whether it is there.
  const leases = work.tables.leases.all();
  const takesNull = input.takes_null === true;
  const outcome = answerPeer({ scopes: peer.scopes, name: input.handle, takesNull }, leases, now);
  const repeated = work.tables.peers.answered(peer.fingerprint, input.ask_id);
  // What may be told no more is not told again, and that it was asked for again is recorded.
  const before = repeated === null ? null : restored(repeated.outcome);
  if (before !== null && (outcome.ok || !before.ok)) return before;
  const answer = outcome.ok ? JSON.stringify(outcome.value) : null;
  work.record({
    direction: "in",
    verb: "ask",
    ...origin,
    handle: input.handle,
    harness: outcome.ok ? outcome.value.session.harness : null,
    text: input.question,
    outcome: outcome.ok ? "ok" : outcome.error.code,
    thread_id: input.thread_id,
    subject_id: input.ask_id,
    content_sha256: answer === null ? null : digestOf(context, answer),
  });
  work.after(() => {
    const { fingerprint } = peer;
    const { ask_id, thread_id } = input;
    const handle = `${context.config.machine.name}/${input.handle}`;
    // Asked and answered in one: whoever watches is told once that is durable.
    const ended = askBegun(context, { ask_id, direction: "in", fingerprint, handle, thread_id });
    ended(outcome.ok ? "ok" : outcome.error.code);
  });
  const stored: Stored = outcome.ok ? outcome : { ok: false, error: outcome.error.body };
  if (before === null)
    work.tables.peers.putAnswered({
      fingerprint: peer.fingerprint,
      ask_id: input.ask_id,
      boot_ms: instant.bootMs,
      outcome: JSON.stringify(stored),
    });
  return outcome;
}

function restored(text: string): Outcome<WireAnswer> {
  const stored: Stored = JSON.parse(text);
  return stored.ok ? accept(stored.value) : refuse(stored.error.code, stored.error);
}
