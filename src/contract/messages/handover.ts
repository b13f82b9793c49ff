/** A handover: one handing of messages to a session, known by a nonce. */

import { z } from "zod";
import { Harness, Process, Selector } from "../lease.ts";
import { Duration, Id, Instant, Name, Path, SessionId } from "../terms.ts";
import { readMessagesMax } from "./limits.ts";
import { By } from "./message.ts";

/** The word of a handover in a tool's result: searched for in a client's own record. */
export const HandoverNonce = z.string().regex(/^pnr-[0-9a-f]{16}$/);
export type HandoverNonce = z.infer<typeof HandoverNonce>;

/** `given`: the text left the daemon. A lost handover's messages are unread again. */
export const HandoverState = z.enum(["given", "handed", "surfaced", "lost"]);
export type HandoverState = z.infer<typeof HandoverState>;

/** A handover as it is stored; it belongs to a session and a process, never to a handle. */
export const Handover = z.object({
  nonce: HandoverNonce,
  harness: Harness,
  session_id: SessionId.nullable(),
  process: Process,
  /** The client's record file; null when no hook named one. */
  record: Path.nullable(),
  /** The size of the record when the handover began, as the last hook reported it. */
  mark: z.int().min(0),
  state: HandoverState,
  /** Elapsed time. */
  given_ms: Duration,
  settled_ms: Duration.nullable(),
});
export type Handover = z.infer<typeof Handover>;

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
  age_ms: Duration,
  at_ms: Instant,
  text: z.string(),
});
export type GivenMessage = z.infer<typeof GivenMessage>;

export const TakeInput = z.object({ session: Selector });
export const TakeOutput = z.object({
  /** Null when no message waits: then nothing was handed over. */
  read: HandoverNonce.nullable(),
  messages: z.array(GivenMessage).max(readMessagesMax),
  /** Unread messages that did not fit. */
  left: z.int().min(0),
});
export type TakeOutput = z.infer<typeof TakeOutput>;
