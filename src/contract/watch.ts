/**
 * The change feed: what a page that stays open is told. State is told by the thing it is about,
 * a handle or a peer, whole each time; nobody asks again and again. Holds no pairing code.
 */

import { z } from "zod";
import { AuditRecord } from "./audit.ts";
import { LocalHandle } from "./lease.ts";
import { Peer, Status, WindowState } from "./peer.ts";
import { AskId, Fingerprint, Handle, ThreadId } from "./terms.ts";

export const WatchInput = z.object({
  /** The run of the daemon that the reader's last stream came from, as its head told. */
  epoch: z.string().max(64).optional(),
  /** The last record the reader has; those after it follow. Without it, from now on. */
  after_seq: z.int().min(0).optional(),
});
export type WatchInput = z.infer<typeof WatchInput>;

/**
 * A stream begins with the whole state: `machine`, `window`, `chain`, each `handle`, each `peer`,
 * then `ready`. What was not told by then does not exist. Afterwards comes what changes, when it
 * does. Ages and times left are the daemon's, as of the moment an event was sent; a reader
 * advances them by its own monotonic clock.
 */
export const WatchEvent = z.discriminatedUnion("event", [
  /**
   * The records that follow do not join on to those the reader has: another run of the daemon,
   * or too many in between. Read `audit` again; `head` is the last record before the next.
   */
  z.object({ event: z.literal("reset"), head: z.int().min(0) }),
  z.object({ event: z.literal("machine"), machine: Status.shape.machine }),
  z.object({ event: z.literal("window"), window: WindowState }),
  /** The chain was found whole up to here since the daemon started. */
  z.object({ event: z.literal("chain"), verified_to: z.int().min(0) }),
  /** A live handle of this machine; `renewed`: its keeper renewed the lease just now. */
  z.object({ event: z.literal("handle"), handle: LocalHandle, renewed: z.boolean() }),
  z.object({ event: z.literal("handle_gone"), handle: Handle }),
  /** `greeted`: a hello just succeeded, which the peer (`in`) or this machine (`out`) began. */
  z.object({
    event: z.literal("peer"),
    peer: Peer,
    greeted: z.enum(["in", "out"]).nullable(),
  }),
  z.object({ event: z.literal("peer_gone"), fingerprint: Fingerprint }),
  /** The whole state has been told. */
  z.object({ event: z.literal("ready") }),
  z.object({ event: z.literal("record"), record: AuditRecord }),
  /**
   * An ask is under way: `out` to a peer, `in` from one, `local` within this machine. Its first
   * record comes before its end. A reader that is slow may miss either: none lasts over 60 s.
   */
  z.object({
    event: z.literal("ask_begun"),
    ask_id: AskId,
    direction: z.enum(["in", "out", "local"]),
    /** Of the peer at the other end. */
    fingerprint: Fingerprint.nullable(),
    /** The handle that is asked, `machine/name`. */
    handle: Handle,
    thread_id: ThreadId,
  }),
  z.object({
    event: z.literal("ask_ended"),
    ask_id: AskId,
    /** `ok` or a code. */
    outcome: z.string(),
    took_ms: z.number().min(0),
  }),
]);
export type WatchEvent = z.infer<typeof WatchEvent>;
