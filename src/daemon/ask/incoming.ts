/**
 * Answers a paired machine's asks. Reads every lease, whichever is asked for, and reveals nothing
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
import type { PeerCounts } from "../context/peer-counts.ts";
import type { Ways } from "../context/ports.ts";
import { withWayFor } from "./ways.ts";

/** One ask of a peer, inside the transaction that decides it. */
export interface Asking {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly input: InputOf<Wire["ask"]>;
  readonly now: Instant;
  readonly counts: PeerCounts;
  readonly ways: Ways;
  /** The origin of the ask, as the trail records it. */
  readonly origin: Partial<AuditDraft>;
}

/** An outcome as it is kept for a repeated ask, with the asked handle. */
type Stored = { readonly handle: string } & (
  | { readonly ok: true; readonly value: WireAnswer }
  | { readonly ok: false; readonly error: ErrorBody }
);

/** Answers a peer's ask and records it, in the given transaction. */
export function answerAsk(
  context: Context,
  { peer, work, input, now: instant, origin, counts, ways }: Asking,
): Outcome<WireAnswer> {
  const { handle, ask_id, thread_id } = input;
  const takesNull = input.takes_null === true;
  const limits = { grants: peer.grants, name: handle, at: instant, takesNull };
  // Reads all leases, whichever is asked for: the time of a query by name would reveal whether it
  // exists.
  const leases = work.tables.leases.all();
  const facts = answerPeer(limits, leases, nowOf(context, instant));
  const of = { name: handle, leases, peer, now: instant };
  const decided = facts.ok ? accept(withWayFor(ways, facts.value, of)) : facts;
  const repeated = work.tables.peers.answered(peer.fingerprint, ask_id);
  const { outcome, isRepeated } = sameOutcome(handle, decided, repeated);
  if (isRepeated) return outcome;
  const asked = { direction: "in", verb: "ask", ...origin, handle, thread_id } as const;
  if (outcome.ok) {
    const { harness } = outcome.value.session;
    const content_sha256 = digestOf(context, JSON.stringify(outcome.value));
    const answered = { text: input.question, outcome: "ok", content_sha256 };
    work.record({ ...asked, subject_id: ask_id, harness, ...answered });
    work.after(() => counts.answered(peer.fingerprint, instant));
  } else {
    const refusal = { ...asked, subject_id: ask_id, peer, outcome: outcome.error.code };
    counts.refused(work, refusal, instant);
  }
  work.after(() => {
    const { fingerprint } = peer;
    // Begun and ended at once: listeners learn of the ask once it is durable.
    const ended = askBegun(context, {
      ask_id,
      direction: "in",
      fingerprint,
      handle: `${context.config.machine.name}/${handle}`,
      thread_id,
    });
    ended(outcome.ok ? "ok" : outcome.error.code);
  });
  if (repeated === null)
    work.tables.peers.putAnswered({
      fingerprint: peer.fingerprint,
      ask_id,
      boot_ms: instant.bootMs,
      outcome: JSON.stringify(storedOf(outcome, handle)),
    });
  return outcome;
}

/** The outcome of an ask whose id may have been used before, for the same handle or another. */
function sameOutcome(
  handle: string,
  decided: Outcome<WireAnswer>,
  repeated: { readonly outcome: string } | null,
): { readonly outcome: Outcome<WireAnswer>; readonly isRepeated: boolean } {
  if (repeated === null) return { outcome: decided, isRepeated: false };
  const before: Stored = JSON.parse(repeated.outcome);
  const isOther = before.handle !== handle;
  const isDenied = !decided.ok && decided.error.code === "scope_denied";
  if (isOther) return { outcome: isDenied ? decided : refuse("id_conflict"), isRepeated: false };
  // An answer that the grant no longer allows is not repeated, and the repeated ask is recorded.
  const isRepeated = decided.ok || !before.ok;
  return { outcome: isRepeated ? restored(before) : decided, isRepeated };
}

const storedOf = (outcome: Outcome<WireAnswer>, handle: string): Stored =>
  outcome.ok ? { ...outcome, handle } : { ok: false, error: outcome.error.body, handle };

const restored = (stored: Stored): Outcome<WireAnswer> =>
  stored.ok ? accept(stored.value) : refuse(stored.error.code, stored.error);
