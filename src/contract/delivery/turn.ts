/**
 * Messages about a session's turns, as hooks report them for mail: when the session can be told,
 * and what proves that it has read. Never the session's text.
 */

import { z } from "zod";
import { Name, Path } from "../terms.ts";
import { noncesMax, noticeNamesMax } from "./limits.ts";

/** Identifies one handing of messages to a session; only the result of our tool holds it. */
export const Nonce = z.string().regex(/^pnr-[0-9a-f]{16}$/, {
  error: "a nonce is pnr- and 16 of 0-9 and a-f",
});
export type Nonce = z.infer<typeof Nonce>;

/** A moment of a session. */
export const Moment = z.enum([
  /** It begins, comes back, or begins again without its memory. */
  "startup",
  "resume",
  "clear",
  /** It goes on with a shorter memory. */
  "compact",
  /** A turn begins, by a person's words. */
  "prompt",
  /** A turn begins, by words that no person typed: a wake, or a task of its own. */
  "woken",
  /** A tool has ended. */
  "tool",
  /** A turn ends: its model has answered. */
  "end",
  /** A turn ends without the model's answer. */
  "cut",
]);
export type Moment = z.infer<typeof Moment>;

/** The facts of a turn that mail needs. */
export const Turn = z.object({
  moment: Moment,
  /** True for an end of a turn that a hook has already continued. */
  continued: z.boolean(),
  /** True when this is a subagent's, whose memory ends with it. */
  subagent: z.boolean(),
  /** True after one of peernet's own tools. */
  own: z.boolean(),
  /** The nonces in the tool's result. */
  nonces: z.array(Nonce).max(noncesMax),
  /** True when the session asks a person before it acts; null when the event does not say. */
  asks: z.boolean().nullable(),
  /** The client's record of the session, and its size; null when there is none of ours. */
  record: z.object({ path: Path, bytes: z.int().min(0) }).nullable(),
});
export type Turn = z.infer<typeof Turn>;

/** The mail of which a hook tells its session: a count, and names that a person here gave. */
export const Notice = z.object({
  count: z.int().min(1),
  /** The senders' machines. */
  from: z.array(Name).max(noticeNamesMax),
  /** True when others sent too, whose names no person gave or that do not fit. */
  others: z.boolean(),
  /** False when the model knows, as the one that was woken: then the person alone is told. */
  model: z.boolean(),
  /** True when the terminal of the session rings. */
  bell: z.boolean().optional(),
});
export type Notice = z.infer<typeof Notice>;
