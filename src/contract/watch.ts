/**
 * The change feed of a page that stays open. Each event holds the complete state of one handle or
 * peer, so that the page never polls. Holds no pairing code.
 */

import { z } from "zod";
import { AuditRecord } from "./audit.ts";
import { LocalHandle } from "./lease.ts";
import { MailStanding } from "./messages/inbox.ts";
import { Peer, Status, WindowState } from "./peer.ts";
import { TaskStanding } from "./tasks/standing.ts";
import { AskId, Fingerprint, Handle, ThreadId } from "./terms.ts";

export const WatchInput = z.object({
  /** The epoch of the reader's last stream, from that stream's head. */
  epoch: z.string().max(64).optional(),
  /** The reader's last record; those after it follow. Absent means from now on. */
  after_seq: z.int().min(0).optional(),
});
export type WatchInput = z.infer<typeof WatchInput>;

/**
 * A stream begins with the complete state: `machine`, `window`, `chain`, `mail`, `tasks`, each
 * `handle`, each `peer`, then `ready`. A thing without an event by then does not exist. Changes
 * follow as they happen. Ages and times left are the daemon's, as of the moment an event was sent;
 * a reader advances them by its own monotonic clock.
 */
export const WatchEvent = z.discriminatedUnion("event", [
  /**
   * The following records do not continue the reader's: the daemon restarted, or too many came in
   * between. Read `audit` again; `head` is the last record before the next.
   */
  z.object({ event: z.literal("reset"), head: z.int().min(0) }),
  z.object({ event: z.literal("machine"), machine: Status.shape.machine }),
  z.object({ event: z.literal("window"), window: WindowState }),
  /** The last record up to which the chain was verified since the daemon started. */
  z.object({ event: z.literal("chain"), verified_to: z.int().min(0) }),
  /** A message arrived, or its stage or a count has changed: `inbox` has the messages. */
  z.object({ event: z.literal("mail"), mail: MailStanding }),
  /** A task began, or its state has changed: `tasks` has the tasks. */
  z.object({ event: z.literal("tasks"), tasks: TaskStanding }),
  /**
   * A live handle of this machine; `renewed` is true when its keeper renewed the lease just now.
   */
  z.object({ event: z.literal("handle"), handle: LocalHandle, renewed: z.boolean() }),
  z.object({ event: z.literal("handle_gone"), handle: Handle }),
  /**
   * `greeted`: the side that began a hello which just succeeded, the peer (`in`) or this machine
   * (`out`).
   */
  z.object({
    event: z.literal("peer"),
    peer: Peer,
    greeted: z.enum(["in", "out"]).nullable(),
  }),
  z.object({ event: z.literal("peer_gone"), fingerprint: Fingerprint }),
  /** The complete state has been sent. */
  z.object({ event: z.literal("ready") }),
  z.object({ event: z.literal("record"), record: AuditRecord }),
  /**
   * An ask in progress: `out` to a peer, `in` from one, `local` within this machine. Its first
   * record comes before its end. A slow reader may miss either: none lasts over 60 s.
   */
  z.object({
    event: z.literal("ask_begun"),
    ask_id: AskId,
    direction: z.enum(["in", "out", "local"]),
    /** The fingerprint of the peer at the other end. */
    fingerprint: Fingerprint.nullable(),
    /** The handle that the ask is about, `machine/name`. */
    handle: Handle,
    thread_id: ThreadId,
  }),
  z.object({
    event: z.literal("ask_ended"),
    ask_id: AskId,
    /** `ok` or an error code. */
    outcome: z.string(),
    took_ms: z.number().min(0),
  }),
]);
export type WatchEvent = z.infer<typeof WatchEvent>;
