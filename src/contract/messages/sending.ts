/** Messages of the control table by which sessions and people send, and follow what they sent. */

import { z } from "zod";
import { Selector } from "../lease.ts";
import { Duration, HandleOrMachine, Id, Instant, Name } from "../terms.ts";
import { recipientsMax } from "./limits.ts";
import { By, MessageText, Next, Stage, StageReason } from "./message.ts";

/** The caller: the session that its processes belong to, or the person of this machine. */
export const Sender = z.object({
  /** Finds the caller's lease; absent for a person at the page. */
  session: Selector.optional(),
  /** `session` when a coding agent runs the command: its message is never a person's. */
  by: By,
});
export type Sender = z.infer<typeof Sender>;

export const SendInput = z.object({
  /**
   * `mini/hydrate`, `hydrate` here, `mini` for the person at mini, `mini/` for every live session
   * there; null for every live session of every peer.
   */
  to: HandleOrMachine.nullable(),
  /** Every subscriber of this topic, here and on each peer; `to` is then null. */
  topic: Name.nullable().default(null),
  text: MessageText,
  /** A message that this machine has: its thread goes on. */
  reply_to: Id.nullable().default(null),
  from: Sender,
  /** True when a person agreed to reach machines that are not their own. */
  agreed: z.boolean().default(false),
});
export type SendInput = z.output<typeof SendInput>;

/** The link to a peer that a queued message waits for. */
export const Away = z.object({
  peer: Name,
  /** The time since the peer was last seen; null when it never was. */
  last_seen_age_ms: Duration.nullable(),
});
export type Away = z.infer<typeof Away>;

export const Sent = z.object({
  message_id: Id,
  thread_id: Id,
  /** The recipient as people here write it: `mini/hydrate`, or `mini` for its person. */
  to: z.string(),
  stage: Stage,
  reason: StageReason.nullable(),
  next: Next.nullable(),
  /** The time until the stage was proven. */
  took_ms: z.number().min(0),
  /** Present while the message is queued for a peer that is not reached. */
  away: Away.nullable(),
});
export type Sent = z.infer<typeof Sent>;

/** A recipient of several that was refused. */
export const NotSent = z.object({
  to: z.string(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

export const SendOutput = z.object({
  sent: z.array(Sent).max(recipientsMax),
  refused: z.array(NotSent).max(recipientsMax),
});
export type SendOutput = z.infer<typeof SendOutput>;

/** An id, or its ending of at least four characters. */
export const TypedId = z.string().regex(/^[0-9A-Fa-f-]{0,32}[0-9A-Fa-f]{4}$/, {
  error: "an id is at least the last 4 of its hexadecimal characters",
});

export const ReplyInput = z.object({ id: TypedId, text: MessageText, from: Sender });

/** A stage, with the evidence for it. */
export const ProvenStage = z.object({
  stage: Stage,
  reason: StageReason.nullable(),
  at_ms: Instant,
  /** The thing that proves it, by its kind and id, as `reply`, `receipt 2` or `message ID`. */
  evidence: z.string(),
});
export type ProvenStage = z.infer<typeof ProvenStage>;

export const ReceiptsInput = z.object({ id: TypedId });
export const ReceiptsOutput = z.object({
  message_id: Id,
  thread_id: Id,
  from: z.string(),
  to: z.string(),
  /** Oldest first. */
  stages: z.array(ProvenStage),
  next: Next.nullable(),
  /** The message that answers it. */
  answer_id: Id.nullable(),
  /** The writer of that message; absent from a daemon of an earlier version. */
  answer: z.object({ from: z.string(), by: By }).nullable().optional(),
  away: Away.nullable(),
});
export type ReceiptsOutput = z.infer<typeof ReceiptsOutput>;

/** A proven stage as it comes; with `answered`, the text of the answer. */
export const StageEvent = ProvenStage.extend({
  message_id: Id,
  next: Next.nullable(),
  answer: z.object({ message_id: Id, from: z.string(), by: By, text: MessageText }).nullable(),
});
export type StageEvent = z.infer<typeof StageEvent>;
