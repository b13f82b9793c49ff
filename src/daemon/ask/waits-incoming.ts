/**
 * Answers waits of peers, and reports reached waits to them. The deciding transaction records each
 * fact that leaves.
 */

import type { WireAnswer } from "../../contract/ask.ts";
import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { waitsMax } from "../../contract/reach/limits.ts";
import type { Wire } from "../../contract/wire.ts";
import { answerPeer, denied } from "../../core/ask.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import { permits } from "../../core/grants.ts";
import { beginning, type IncomingWait, type Judged, type Waited } from "../../core/waits.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { type Context, digestOf, type Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { PeerCounts } from "../context/peer-counts.ts";
import { enqueue } from "../outbox/enqueue.ts";
import type { Kind } from "../outbox/kinds.ts";
import { seenAt, standingFor } from "./waits-finding.ts";

type Input = InputOf<Wire["wait"]>;
type Output = OutputOf<Wire["wait"]>;

/** One wait of a peer, inside the transaction that decides it. */
export interface Waiting {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly input: Input;
  readonly now: Instant;
  readonly origin: Partial<AuditDraft>;
  readonly counts: PeerCounts;
}

/** Answers a wait of a peer: reached, ended, or waiting. The same id again keeps it open. */
export function answerWait(context: Context, waiting: Waiting): Outcome<Output> {
  const { peer, work, input, now, origin, counts } = waiting;
  const decided = decide(context, waiting);
  const told = { direction: "in", verb: "wait", ...origin, handle: input.handle } as const;
  const subject_id = input.wait_id;
  if (!decided.ok) {
    counts.refused(work, { ...told, subject_id, peer, outcome: decided.error.code }, now);
    return decided;
  }
  const { outcome, answer, since } = decided.value;
  // A repeat of an open wait receives no fact; an end is one, even without an answer.
  const tellsNothing = outcome === "waiting" && since === null;
  if (tellsNothing) return decided;
  work.record({
    ...told,
    subject_id,
    outcome,
    harness: answer?.session.harness ?? null,
    content_sha256: digestOf(context, JSON.stringify(decided.value)),
    details: { until: input.until },
  });
  work.after(() => counts.answered(peer.fingerprint, now));
  return decided;
}

function decide(context: Context, { peer, work, input, now }: Waiting): Outcome<Output> {
  const { waits, leases } = work.tables;
  const { grants, fingerprint } = peer;
  if (!permits(grants, { scope: "ask", name: null }, now).permitted) return denied(grants);
  const kept = waits.getIncoming(fingerprint, input.wait_id);
  const isOther = kept !== null && (kept.name !== input.handle || kept.until !== input.until);
  if (isOther) return refuse("id_conflict");
  const seen = seenAt(context, work.tables, now);
  const asked = { grants, name: input.handle, at: now, takesNull: true };
  const answer = answerPeer(asked, leases.all(), seen.now);
  const waited = kept === null ? begun(input, work, answer) : accept<Waited>(kept);
  if (!waited.ok) return waited;
  const standing = standingFor(peer, waited.value, { seen, now });
  if (standing.judged === "denied") return answer.ok ? refuse("scope_denied") : answer;
  const judged = kept?.due ?? standing.judged;
  if (judged !== null) {
    if (kept !== null) markDue(context, work, { wait: kept, judged, now });
    return accept({ ...judged, answer: standing.facts, since: null });
  }
  if (kept === null && waits.incomingOf(fingerprint).length >= waitsMax)
    return refuse("wait_limit");
  const elapsed = elapsedAt(context, now);
  const times = { ends_ms: elapsed + input.for_ms, renewed_ms: elapsed, due: null };
  const wait = { ...waited.value, ...times, fingerprint, wait_id: input.wait_id };
  waits.putIncoming(wait);
  const { lease_id, state, sha } = wait;
  const since = kept === null ? { lease_id, state, sha } : null;
  return accept({ outcome: "waiting", reason: null, answer: null, since });
}

/** A new wait. Refuses with {handle_unknown} a handle that nobody holds. */
function begun(
  { handle: name, until, since }: Input,
  { tables }: Work,
  answer: Outcome<WireAnswer>,
): Outcome<Waited> {
  const lease = tables.leases.all().find((each) => each.name === name);
  if (answer.ok && lease !== undefined) {
    return accept({ name, until, ...beginning(lease, since, answer.value) });
  }
  if (answer.ok) return refuse("handle_unknown");
  // The asker saw a lease that is not live now: the wait is judged like any wait for that lease.
  if (since.lease_id === null) return answer;
  const { lease_id, state = null, sha = null } = since;
  return accept({ name, until, lease_id, state, sha });
}

/** A wait of a peer that is reached or has ended, with the time. */
export interface Due {
  readonly wait: IncomingWait;
  readonly judged: Judged;
  readonly now: Instant;
}

/** Notes the outcome of a wait, and queues its report; without space it is tried again. */
export function markDue(context: Context, work: Work, { wait, judged, now }: Due): void {
  if (wait.due !== null) return;
  const { fingerprint, wait_id: subject_id } = wait;
  const draft = { kind: "reached", fingerprint, subject_id, scope: "ask", session: null } as const;
  const queued = enqueue(context, work, { draft: { ...draft, body: "{}" }, now });
  if (queued.ok) work.tables.waits.putIncoming({ ...wait, due: judged });
}

/** Ends waits of a peer, and their queued reports. */
export function endWaits(
  work: Work,
  { fingerprint }: PeerRow,
  { wait_ids }: InputOf<Wire["wait/end"]>,
): Outcome<Record<string, never>> {
  for (const subject_id of wait_ids) {
    work.tables.waits.removeIncoming(fingerprint, subject_id);
    work.tables.outbox.removeSubject({ fingerprint, kind: "reached", subject_id });
  }
  return accept({});
}

/** The kind of entry that reports a wait which is reached or has ended. */
export const reachedKind = (context: Context): Kind => ({
  compose: ({ work, entry, peer, now }) => {
    const wait = work.tables.waits.getIncoming(entry.fingerprint, entry.subject_id);
    if (wait === null || wait.due === null) return null;
    const seen = seenAt(context, work.tables, now);
    const standing = standingFor(peer, wait, { seen, now });
    // An outcome that the grant no longer allows becomes an end without a reason.
    const isTold = standing.judged !== "denied" && standing.judged?.reason !== "hidden";
    const { outcome, reason } = isTold ? wait.due : ({ outcome: "ended", reason: null } as const);
    const answer = standing.facts;
    const input = { wait_id: wait.wait_id, outcome, reason, answer };
    work.record({
      direction: "in",
      verb: "wait",
      peer_fingerprint: peer.fingerprint,
      peer_name: peer.name,
      handle: wait.name,
      harness: answer?.session.harness ?? null,
      outcome,
      subject_id: wait.wait_id,
      content_sha256: digestOf(context, JSON.stringify(input)),
      details: { until: wait.until },
    });
    return (call) => call("reached", input);
  },
  ended: (work, { fingerprint, subject_id }) => {
    work.tables.waits.removeIncoming(fingerprint, subject_id);
  },
});
