/** Messages of a wait: a session here waits for something of a session, there or here. */

import { z } from "zod";
import { Answer, WireAnswer } from "../ask.ts";
import { State, ToldState } from "../lease.ts";
import { Commit, Duration, Handle, Id, Name } from "../terms.ts";
import { waitMs, waitMsMax, waitsMax } from "./limits.ts";

/** The thing waited for: a state, another state or commit, another commit, or the handle's end. */
export const Until = z.enum(["idle", "waiting", "changed", "commit", "gone"]);
export type Until = z.infer<typeof Until>;

export const WaitReason = z.enum([
  /** The handle ended, or another session took it. */
  "gone",
  /** The grant hides what is waited for. */
  "hidden",
]);
export type WaitReason = z.infer<typeof WaitReason>;

/** A reason as a peer tells it; one of a later version is none. */
const ToldReason = WaitReason.nullable().catch(null);

/** The facts that the asker last saw; a lease that it has not seen yet is the one there is. */
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

/** `since` is what a repeat of the wait begins from, while it goes on. */
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
  /** True for a wait that goes on when nobody listens, until it is asked for again. */
  stays: z.boolean().default(false),
  /** The wait to go on with, after the daemon was restarted. */
  wait_id: Id.optional(),
});
export type WaitInput = z.output<typeof WaitInput>;

/** The end of a wait: `timeout` where its time was over. */
export const WaitEnd = z.object({
  event: z.literal("ended"),
  wait_id: Id,
  handle: Handle,
  outcome: z.enum(["reached", "ended", "timeout"]),
  reason: WaitReason.nullable(),
  /** The facts of that moment; null where there are none, or they may not be told. */
  answer: Answer.nullable(),
});
export type WaitEnd = z.infer<typeof WaitEnd>;

export const WaitEvent = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("waiting"),
    wait_id: Id,
    handle: Handle,
    /** The state in which it was found; null where it is not known. */
    state: State.nullable(),
    ends_in_ms: Duration,
  }),
  WaitEnd,
]);
export type WaitEvent = z.infer<typeof WaitEvent>;
