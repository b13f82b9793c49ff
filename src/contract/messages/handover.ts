/** A handover: one handing of messages to a session, known by a nonce. */

import { z } from "zod";
import { Nonce } from "../delivery/turn.ts";
import { Selector } from "../lease.ts";
import { Duration, Id, Instant, Name } from "../terms.ts";
import { readMessagesMax } from "./limits.ts";
import { By } from "./message.ts";

/** A message as a model receives it: the text is data of another session. */
export const GivenMessage = z.object({
  message_id: Id,
  thread_id: Id,
  reply_to: Id.nullable(),
  /** The sender as people here write it: `mini/hydrate`; `mini` for its person. */
  from: z.string(),
  /** The sending machine; null for a session of this machine. */
  peer: Name.nullable(),
  by: By,
  /** The topic that it was sent to; null for a message to this session alone. */
  topic: Name.nullable(),
  age_ms: Duration,
  at_ms: Instant,
  text: z.string(),
});
export type GivenMessage = z.infer<typeof GivenMessage>;

export const TakeInput = z.object({ session: Selector });
export const TakeOutput = z.object({
  /** Null when no message waits: then nothing was handed over. */
  read: Nonce.nullable(),
  messages: z.array(GivenMessage).max(readMessagesMax),
  /** Unread messages that did not fit. */
  left: z.int().min(0),
});
export type TakeOutput = z.infer<typeof TakeOutput>;
