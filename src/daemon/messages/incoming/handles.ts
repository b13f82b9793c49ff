/** Remembers when each handle was last live, so that mail for it waits for its next holder. */

import { nameKnownMs, nameNotedMs } from "../../../contract/messages/limits.ts";
import { mailboxOf, type Remembered } from "../../../core/messages/mailbox.ts";
import { type Lease, liveLeases } from "../../../core/sessions/lease.ts";
import type { Instant } from "../../../platform/effects.ts";
import type { KnownHandle } from "../../../store/messages/mailboxes.ts";
import { type Context, nowOf } from "../../context/context.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import type { Doing } from "../parts.ts";

/** A handle of this machine, and the folder of its mail. */
export interface Known extends Remembered {
  readonly tree: string | null;
}

/** A handle that is live, or was; null when nobody ever held it. */
export function knownHandle(context: Context, { work, now }: Doing, name: string): Known | null {
  const { leases, mailboxes } = work.tables;
  const lease = liveLeases(leases.all(), nowOf(context, now)).find((each) => each.name === name);
  if (lease !== undefined) return { isLive: true, agoMs: 0, tree: mailboxOf(lease).tree };
  const known = mailboxes.known(name);
  if (known === null) return null;
  const agoMs = Math.max(0, elapsedAt(context, now) - known.live_ms);
  return { isLive: false, agoMs, tree: known.tree };
}

/** Notes the handles that are live; writes only what is new, or was noted long ago. */
export function handleNotes(context: Context): (now: Instant) => Promise<void> {
  const noted = new Map<string, KnownHandle>();
  return async (now) => {
    const nowMs = elapsedAt(context, now);
    const isDue = (lease: Lease): boolean => {
      const before = noted.get(lease.name);
      if (before === undefined || before.tree !== lease.cwd) return true;
      return nowMs - before.live_ms >= nameNotedMs;
    };
    const due = liveLeases(context.tables.leases.all(), nowOf(context, now)).filter(isDue);
    if (due.length === 0) return;
    await context.transact(now, ({ tables }) => {
      const rows = due.map(({ name, cwd: tree }) => ({ name, tree, live_ms: nowMs }));
      for (const row of rows) tables.mailboxes.putKnown(row);
      tables.mailboxes.removeKnown(nowMs - nameKnownMs);
      tables.subscriptions.removeUnknown();
      const after = (): void => {
        for (const row of rows) noted.set(row.name, row);
      };
      return { value: undefined, after };
    });
  };
}
