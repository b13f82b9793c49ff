/** Messages of a wait: a session here waits for a change of a session, there or here. */

import { z } from "zod";
import { Answer, WireAnswer } from "../ask.ts";
import { Selector, State, ToldState } from "../lease.ts";
import { Commit, Duration, Handle, Id, Name } from "../terms.ts";
import { waitMs, waitMsMax, waitsMax } from "./limits.ts";

/** The awaited change: a state, another state or commit, another commit, or the handle's end. */
export const Until = z.enum(["idle", "waiting", "changed", "commit", "gone"]);
export type Until = z.infer<typeof Until>;

export const WaitReason = z.enum([
  /** The handle ended, or another session took it. */
  "gone",
  /** The grant hides the awaited fact. */
  "hidden",
]);
export type WaitReason = z.infer<typeof WaitReason>;

/** A reason that a peer sent; an unknown one reads as null. */
const ToldReason = WaitReason.nullable().catch(null);

/** The facts that the asker last saw; without a lease id, the present lease counts. */
export const Since = z.object({
  lease_id: Id.nullable(),
  state: ToldState.optional(),
  sha: Commit.nullable().optional(),
});
export type Since = z.infer<typeof Since>;

export const WireWait = z.object({
  wait_id: Id,
  handle: Name,
  until: Until,
  for_ms: Duration.max(waitMsMax),
  since: Since,
});

/** `since` holds the facts from which a repeat begins, while the wait is open. */
export const WireWaitOutput = z.object({
  outcome: z.enum(["waiting", "reached", "ended"]),
  reason: ToldReason,
  answer: WireAnswer.nullable(),
  since: Since.nullable().default(null),
});
export type WireWaitOutput = z.infer<typeof WireWaitOutput>;

export const WireWaitEnd = z.object({ wait_ids: z.array(Id).min(1).max(waitsMax) });

export const Reached = z.object({
  wait_id: Id,
  outcome: z.enum(["reached", "ended"]),
  reason: ToldReason,
  answer: WireAnswer.nullable(),
});
export type Reached = z.infer<typeof Reached>;

export const WaitInput = z.object({
  handle: Handle,
  until: Until.default("idle"),
  for_ms: Duration.min(1_000).max(waitMsMax).default(waitMs),
  /** True for a wait that continues without a listener, until it is requested again. */
  stays: z.boolean().default(false),
  /** The wait to continue, after the daemon was restarted. */
  wait_id: Id.optional(),
  /** Finds the lease of the session that waits, for the record; absent for a person at the page. */
  from: Selector.optional(),
});
export type WaitInput = z.output<typeof WaitInput>;

/** The end of a wait: `timeout` when its time was up. */
export const WaitEnd = z.object({
  event: z.literal("ended"),
  wait_id: Id,
  handle: Handle,
  outcome: z.enum(["reached", "ended", "timeout"]),
  reason: WaitReason.nullable(),
  /** The facts of that moment; null when there are none, or when the grant hides them. */
  answer: Answer.nullable(),
});
export type WaitEnd = z.infer<typeof WaitEnd>;

export const WaitEvent = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("waiting"),
    wait_id: Id,
    handle: Handle,
    /** The session's state at that moment; null when it is unknown. */
    state: State.nullable(),
    ends_in_ms: Duration,
  }),
  WaitEnd,
]);
export type WaitEvent = z.infer<typeof WaitEvent>;
