/** Entries of the outbox: deliveries to a peer, as stored and as shown. */

import { z } from "zod";
import { Duration, Id, Name } from "../terms.ts";

/** Each kind of entry: its lane, and its rank among a peer's waiting entries. */
export const entryKinds = {
  task_stop: { lane: "control", rank: 0 },
  reached: { lane: "control", rank: 1 },
  receipt: { lane: "control", rank: 1 },
  task_event: { lane: "control", rank: 1 },
  task_result: { lane: "control", rank: 1 },
  message: { lane: "text", rank: 3 },
} as const satisfies Readonly<Record<string, { readonly lane: Lane; readonly rank: number }>>;

export const Lane = z.enum(["control", "text"]);
export type Lane = z.infer<typeof Lane>;

export const EntryKind = z.enum([
  ...(["reached", "receipt", "message"] as const),
  ...(["task_stop", "task_event", "task_result"] as const),
]);
export type EntryKind = z.infer<typeof EntryKind>;

/** An entry as people see it: never the text of a message. */
export const ShownOutboxEntry = z.object({
  id: Id,
  /** The name of the receiving peer. */
  peer: Name,
  kind: EntryKind,
  lane: Lane,
  /** The thread, the task or the wait of the entry. */
  subject_id: Id,
  bytes: z.int().min(0),
  age_ms: Duration,
  /** The time left until it is given up. */
  expires_in_ms: Duration,
  /** Failures of the peer since the entry was queued. */
  failures: z.int().min(0),
  /** True while it is set aside: the peer failed too often and too long. */
  stuck: z.boolean(),
});
export type ShownOutboxEntry = z.infer<typeof ShownOutboxEntry>;

export const OutboxOutput = z.object({ entries: z.array(ShownOutboxEntry) });
/** The ending of an entry's id is enough when only one entry has it. */
export const DropInput = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f-]{4,36}$/, { error: "an id is the last 4 or more characters of one shown" }),
});
/** `unknown`: it was being sent, and may have arrived. */
export const DropOutput = z.object({ id: Id, outcome: z.enum(["dropped", "unknown"]) });
