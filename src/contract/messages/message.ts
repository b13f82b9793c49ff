/** A message and its receipts on the wire, and the terms that every message has. */

import { z } from "zod";
import { Base64url, Digest, Duration, Id, Name, text } from "../terms.ts";
import { messageBytesMax, messageLifeMs, receiptsMax, saltBytes } from "./limits.ts";
import { nexts, stageReasons, stages } from "./stages.ts";

/** The text of a message; stored as it was sent, and printed through the allow-list. */
export const MessageText = text(messageBytesMax).min(1);

export const Stage = z.enum(stages);
export type Stage = z.infer<typeof Stage>;

export const StageReason = z.enum(stageReasons);
export type StageReason = z.infer<typeof StageReason>;

/** A reason that another machine sent; an unknown one reads as `other`. */
const ToldReason = StageReason.nullable().catch("other");

/** A label that is shown; no budget reads it. */
export const By = z.enum(["person", "session"]);
export type By = z.infer<typeof By>;

/** The next thing that happens to a stored message. */
export const Next = z.enum(nexts);
export type Next = z.infer<typeof Next>;

/** A way that another machine sent; an unknown one reads as null. */
const ToldNext = Next.nullable().catch(null);

/** Random bytes that travel with the text, and that its digest covers. */
export const Salt = Base64url.length(Math.ceil((saltBytes * 4) / 3));

export const WireMessage = z.object({
  message_id: Id,
  thread_id: Id,
  reply_to: Id.nullable(),
  /** The sending session; null for the sending machine's person. */
  from: Name.nullable(),
  /** The receiving session; null for the receiving machine's person. */
  to: Name.nullable(),
  by: By,
  text: MessageText,
  salt: Salt,
  age_ms: Duration,
  expires_in_ms: Duration.max(messageLifeMs),
  /** True when the sender wants that it starts no turn, as a message to many. */
  quiet: z.boolean().default(false),
  /** The topic that it is for: its receiver's own subscriptions decide the mailboxes. */
  topic: Name.nullable().default(null),
});
export type WireMessage = z.infer<typeof WireMessage>;

export const WireMessageOutput = z.object({
  stage: z.enum(["stored", "held"]),
  /** Null to a peer without the scope `ask` on the handle. */
  next: ToldNext,
});
export type WireMessageOutput = z.infer<typeof WireMessageOutput>;

/** One stage that the receiving machine has proof of. */
export const Receipt = z.object({
  message_id: Id,
  /** Rises with each receipt of a message: an older one changes nothing. */
  version: z.int().min(1),
  stage: Stage,
  reason: ToldReason,
  age_ms: Duration,
});
export type Receipt = z.infer<typeof Receipt>;

export const WireReceipt = z.object({ receipts: z.array(Receipt).min(1).max(receiptsMax) });

/** SHA-256 over the salt and the text. */
export const ContentDigest = Digest;
