/** Shared by the parts that tell sessions of their mail. */

import { obstacleTo, type Reader, type Wakeable } from "../../core/messages/telling.ts";
import type { Lease } from "../../core/sessions/lease.ts";
import type { MessagesConfig } from "../../platform/config.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import type { Errands, Mail, UnreadMail } from "../context/ports.ts";

/** Dependencies of telling sessions of their mail. */
export interface TellingParts {
  readonly context: Context;
  readonly mail: Mail;
  readonly errands: Errands;
}

/** One session at one instant. */
export interface At {
  readonly lease: Lease;
  readonly now: Instant;
  /** Elapsed time. */
  readonly nowMs: number;
}

/** The memory of the session that holds a lease; null when no hook reported an event of it. */
export const readerOf = ({ tables }: Pick<Work, "tables">, lease: Lease): Reader | null =>
  lease.session_id === null ? null : tables.readers.get(lease);

/** True when a machine whose message may start a turn may do so without a person. */
export const isUnattendedAllowed = (
  { wakers }: Pick<UnreadMail, "wakers">,
  { wakeUnattended }: MessagesConfig,
): boolean => wakers.some((name) => name !== null && wakeUnattended.includes(name));

/** The facts that decide about waking the session of a lease. */
export function wakeableFacts(
  { context }: Pick<TellingParts, "context">,
  { tables }: Pick<Work, "tables">,
  { lease, unread }: { readonly lease: Lease; readonly unread: Pick<UnreadMail, "wakers"> },
): Wakeable {
  return {
    reader: readerOf({ tables }, lease),
    harness: lease.harness,
    hasWaker: tables.readers.wakersOf(lease).length > 0,
    setting: context.config.messages.wake,
    unattended: isUnattendedAllowed(unread, context.config.messages),
  };
}

/** The permission to go on with a turn: that needs neither a process that waits nor a person. */
export function mayGoOn(facts: Wakeable & { readonly reader: Reader }): boolean {
  const reader = { ...facts.reader, wake: null, headless: false };
  return obstacleTo({ ...facts, hasWaker: true, reader }) === null;
}
