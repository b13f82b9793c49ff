/** Messages about wakers: small processes by which an idle session is woken. */

import { z } from "zod";
import { Harness, Process } from "../lease.ts";
import { SessionId } from "../terms.ts";

/** The name of a waker's pipe in its folder: random, so that no two wakers share one. */
export const PipeId = z.string().regex(/^[0-9a-f]{32}$/, { error: "a pipe is 32 of 0-9 and a-f" });
export type PipeId = z.infer<typeof PipeId>;

export const WakerInput = z.object({
  harness: Harness,
  session_id: SessionId,
  /** The session's process, which started the waker. */
  process: Process,
  pipe: PipeId,
});
export type WakerInput = z.infer<typeof WakerInput>;

export const WakerOutput = z.object({
  /** False when the session has no handle, or nothing may wake it: then the waker ends. */
  armed: z.boolean(),
});
export type WakerOutput = z.infer<typeof WakerOutput>;
