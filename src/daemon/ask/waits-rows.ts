/** Waits of sessions here in the form of records, and of events for their listeners. */

import type { WireAnswer } from "../../contract/ask.ts";
import type { InputOf } from "../../contract/operation/operation.ts";
import { outboxLifeMs, waitSinceMs } from "../../contract/reach/limits.ts";
import type { Since, WaitEnd, WaitEvent } from "../../contract/reach/waits.ts";
import type { Wire } from "../../contract/wire.ts";
import { answerOf } from "../../core/ask.ts";
import type { ReverseOf } from "../../core/peers/link.ts";
import type { OutgoingWait } from "../../core/waits.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";

/** The handle of a wait. */
export function handleOf({ tables, config }: Context, wait: OutgoingWait): string {
  const peer = wait.fingerprint === null ? null : tables.peers.get(wait.fingerprint);
  return `${peer?.name ?? config.machine.name}/${wait.name}`;
}

/** Records a wait of a session here, or its outcome. */
export function recordWait(
  context: Context,
  work: Work,
  { wait, outcome, harness, reverse }: Recorded,
): void {
  const { fingerprint } = wait;
  const peer = fingerprint === null ? null : work.tables.peers.get(fingerprint);
  work.record({
    direction: fingerprint === null ? "local" : "out",
    verb: "wait",
    peer_fingerprint: fingerprint,
    peer_name: peer?.name ?? null,
    origin_transport: fingerprint === null ? "control" : null,
    handle: handleOf(context, wait),
    from_handle: wait.from_handle,
    harness: harness ?? null,
    outcome,
    subject_id: wait.wait_id,
    details: { until: wait.until },
    ...(reverse === undefined ? {} : { reverse }),
  });
}

/** A wait and its outcome. */
export interface Recorded {
  readonly wait: OutgoingWait;
  readonly outcome: string;
  readonly harness?: string | null;
  /** The machine that dialled the reverse connection of the outcome, if it came over one. */
  readonly reverse?: ReverseOf | undefined;
}

/** The event by which listeners learn that a wait is open. */
export const waitingEvent = (context: Context, wait: OutgoingWait, now: Instant): WaitEvent => ({
  event: "waiting",
  wait_id: wait.wait_id,
  handle: handleOf(context, wait),
  state: wait.state,
  ends_in_ms: leftOf(context, wait, now),
});

/** Milliseconds left of a wait; never below zero. */
export const leftOf = (context: Context, wait: OutgoingWait, now: Instant): number =>
  Math.max(0, wait.ends_ms - elapsedAt(context, now));

/** True for an end that nobody has asked for in a long time. */
export const isUnclaimed = ({ ended_ms, stays }: OutgoingWait, elapsed: number): boolean =>
  ended_ms !== null && elapsed - ended_ms >= (stays ? outboxLifeMs : waitSinceMs);

/** The unchanged outcome of a wait. */
export interface Outcome extends Pick<WaitEnd, "outcome" | "reason"> {
  readonly facts: WireAnswer | null;
}

/** The end of a wait in the form for its listeners. */
export function endOf(
  context: Context,
  wait: OutgoingWait,
  { came, now }: { readonly came: Outcome; readonly now: Instant },
): WaitEnd {
  const { wait_id } = wait;
  const { outcome, reason, facts } = came;
  const handle = handleOf(context, wait);
  const receivedAtMs = Math.floor(now.wallMs);
  const receipt = { handle, threadId: wait_id, receivedAtMs, roundTripMs: 0 };
  const answer = facts === null ? null : answerOf(facts, receipt);
  return { event: "ended", wait_id, handle, outcome, reason, answer };
}

/** A wait in the form for the peer: for the first request, and for repeats. */
export const wireWait = (
  context: Context,
  wait: OutgoingWait,
  now: Instant,
): InputOf<Wire["wait"]> => ({
  wait_id: wait.wait_id,
  handle: wait.name,
  until: wait.until,
  for_ms: leftOf(context, wait, now),
  since: { lease_id: wait.lease_id, state: wait.state ?? undefined, sha: wait.sha ?? undefined },
});

/** A wait with the peer's facts from which it begins. */
export const sinceOf = (wait: OutgoingWait, { lease_id, state, sha }: Since): OutgoingWait => ({
  ...wait,
  lease_id,
  state: state ?? null,
  sha: sha ?? null,
});

/** An unchanged outcome of a wait. */
export interface Settling {
  readonly came: Outcome;
  readonly now: Instant;
  /** The machine that dialled the reverse connection over which it came. */
  readonly reverse?: ReverseOf | undefined;
}

/** A call that reports a reached wait, inside the transaction that takes it. */
export interface Reaching {
  readonly work: Work;
  readonly input: InputOf<Wire["reached"]>;
  readonly now: Instant;
  /** True when the call came over a connection that this machine dialled. */
  readonly isReverse: boolean;
}
