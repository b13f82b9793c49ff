/** Waits of sessions here as they are recorded, and as whoever waits is told of them. */

import type { WireAnswer } from "../../contract/ask.ts";
import type { InputOf } from "../../contract/operation/operation.ts";
import type { Since, WaitEnd, WaitEvent } from "../../contract/reach/waits.ts";
import type { Wire } from "../../contract/wire.ts";
import { answerOf } from "../../core/ask.ts";
import type { OutgoingWait } from "../../core/waits.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";

/** The handle that a wait is for. */
export function handleOf({ tables, config }: Context, wait: OutgoingWait): string {
  const peer = wait.fingerprint === null ? null : tables.peers.get(wait.fingerprint);
  return `${peer?.name ?? config.machine.name}/${wait.name}`;
}

/** Records a wait of a session here, or its outcome. */
export function recordWait(
  context: Context,
  work: Work,
  { wait, outcome, harness }: Recorded,
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
    harness: harness ?? null,
    outcome,
    subject_id: wait.wait_id,
    details: { until: wait.until },
  });
}

/** A wait and what became of it. */
export interface Recorded {
  readonly wait: OutgoingWait;
  readonly outcome: string;
  readonly harness?: string | null;
}

/** A wait as whoever listens is told that it goes on. */
export const waitingEvent = (context: Context, wait: OutgoingWait, now: Instant): WaitEvent => ({
  event: "waiting",
  wait_id: wait.wait_id,
  handle: handleOf(context, wait),
  state: wait.state,
  ends_in_ms: leftOf(context, wait, now),
});

/** Milliseconds that a wait still has; never below zero. */
export const leftOf = (context: Context, wait: OutgoingWait, now: Instant): number =>
  Math.max(0, wait.ends_ms - elapsedAt(context, now));

/** The outcome of a wait as it came. */
export interface Outcome extends Pick<WaitEnd, "outcome" | "reason"> {
  readonly facts: WireAnswer | null;
}

/** The end of a wait as whoever waits is told of it. */
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

/** A wait as the peer is asked for it: the first time, and again while it is open. */
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

/** A wait with what its peer says that it begins from. */
export const sinceOf = (wait: OutgoingWait, { lease_id, state, sha }: Since): OutgoingWait => ({
  ...wait,
  lease_id,
  state: state ?? null,
  sha: sha ?? null,
});

/** An outcome of a wait, as it came. */
export interface Settling {
  readonly came: Outcome;
  readonly now: Instant;
}

/** A call that says that a wait is reached, inside the transaction that takes it in. */
export interface Reaching {
  readonly work: Work;
  readonly input: InputOf<Wire["reached"]>;
  readonly now: Instant;
}
