/** Messages of the control table that show mail, and let a person decide about held mail. */

import { z } from "zod";
import { Duration, Id, Instant, Name } from "../terms.ts";
import { By, MessageText, Stage, StageReason } from "./message.ts";
import { TypedId } from "./sending.ts";

/** A message as lists show it. */
export const ShownMessage = z.object({
  message_id: Id,
  thread_id: Id,
  reply_to: Id.nullable(),
  direction: z.enum(["in", "out"]),
  /** The machine at the other end, by this machine's name; null for messages within it. */
  peer: z.string().nullable(),
  /** The two ends as people here write them: `mini/hydrate`; `mini` for its person. */
  from: z.string(),
  to: z.string(),
  /** The mailbox here: a handle's name; null for the person's. */
  mailbox: Name.nullable(),
  by: By,
  /** The topic that it was sent to; null for a message to one recipient. */
  topic: Name.nullable(),
  age_ms: Duration,
  at_ms: Instant,
  stage: Stage,
  reason: StageReason.nullable(),
  /** True while neither its session nor, in the person's mailbox, the person has read it. */
  unread: z.boolean(),
  /** True when no session is woken for it. */
  quiet: z.boolean(),
  /** The first line of its text, cut. */
  excerpt: z.string(),
  /** The time until it is given up; null once it cannot be. */
  expires_in_ms: Duration.nullable(),
});
export type ShownMessage = z.infer<typeof ShownMessage>;

export const InboxInput = z.object({
  /** True to include messages that left here, and those read or ended more than a day ago. */
  all: z.boolean().default(false),
  /** Only this handle's mailbox. */
  handle: Name.optional(),
});
export type InboxInput = z.output<typeof InboxInput>;

/** Unread mail of a mailbox. */
export const MailboxCount = z.object({
  mailbox: Name.nullable(),
  unread: z.int().min(0),
  held: z.int().min(0),
});
export type MailboxCount = z.infer<typeof MailboxCount>;

/** The mail that waits on this machine, for a line in a list. */
export const MailStanding = z.object({
  /** Unread messages for the person. */
  person: z.int().min(0),
  /** Unread messages for sessions. */
  sessions: z.int().min(0),
  /** Messages that wait for a person's approval. */
  held: z.int().min(0),
  /** The machines that held messages come from. */
  held_from: z.array(z.string()),
});
export type MailStanding = z.infer<typeof MailStanding>;

export const InboxOutput = z.object({
  /** The person's mailbox first, then by handle; in each the newest first. */
  messages: z.array(ShownMessage),
  counts: z.array(MailboxCount),
  /** Messages that the list leaves out. */
  more: z.int().min(0),
});
export type InboxOutput = z.infer<typeof InboxOutput>;

/** A message with its text. */
export const WholeMessage = ShownMessage.extend({ text: MessageText.nullable() });
export type WholeMessage = z.infer<typeof WholeMessage>;

export const InboxShowInput = z.object({
  id: TypedId,
  /** True when a person opens it: then the person has read it. */
  reads: z.boolean().default(false),
});
export const InboxFollowInput = z.object({ handle: Name.optional() });
export const HeldInput = z.object({ id: TypedId });
export const HeldOutput = z.object({ message: ShownMessage });
