/** Decides which folder a handle's mail belongs to, and how long a peer may know a handle. */

import { nameKnownMs } from "../../contract/messages/limits.ts";
import type { At, Entry } from "../grants.ts";
import type { Lease } from "../sessions/lease.ts";
import type { Mailbox } from "./message.ts";

/** The mailbox of a session that holds a handle. */
export const mailboxOf = ({ name, cwd }: Pick<Lease, "name" | "cwd">): Mailbox => ({
  name,
  tree: cwd,
});

/** A handle as this machine remembers it. */
export interface Remembered {
  readonly isLive: boolean;
  /** The time since it was last live; null when it never was. */
  readonly agoMs: number | null;
}

/**
 * True when a peer may know a handle: it is live, or was within 7 days, while the grant held. A
 * message without a grant, as between sessions of one machine, asks only for the days.
 */
export function mayKnow({ isLive, agoMs }: Remembered, grantedForMs: number | null): boolean {
  if (isLive) return true;
  if (agoMs === null || agoMs > nameKnownMs) return false;
  return grantedForMs === null || agoMs <= grantedForMs;
}

/** The time for which an entry has held; in the boot of its grant, by the clock that shows less. */
export function heldForMs(entry: Entry, at: At): number {
  const byWall = at.wallMs - entry.granted_at_ms;
  const isSameBoot = at.bootMs >= entry.granted_boot_ms;
  const heldMs = isSameBoot ? Math.min(at.bootMs - entry.granted_boot_ms, byWall) : byWall;
  return Math.max(0, heldMs);
}
