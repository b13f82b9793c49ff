/** Ends entries whose time or grant is over, and saves the elapsed time. */

import { outboxLifeMs } from "../../contract/reach/limits.ts";
import { scopesAt } from "../../core/grants.ts";
import { leftMs } from "../../core/outbox.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { elapsedAt, isMarkDue, markElapsed } from "../context/elapsed.ts";
import { dropUngranted } from "../context/ungranted.ts";
import type { Kinds } from "./kinds.ts";

/** Entries that one sweep ends. */
const sweptMax = 1_000;

/** Ends expired entries; writes only when there are some. */
export async function sweepOutbox(
  { context, kinds }: { readonly context: Context; readonly kinds: Kinds },
  now: Instant,
): Promise<void> {
  const { outbox, waits } = context.tables;
  const oldestMs = outbox.oldestMs();
  const hasWaits = waits.outgoing().length > 0 || waits.incoming().length > 0;
  if (oldestMs === null && !hasWaits) return;
  const elapsed = elapsedAt(context, now);
  const hasExpired = oldestMs !== null && oldestMs + outboxLifeMs <= elapsed;
  const ungranted = withoutGrant(context, now);
  const mustMark = isMarkDue(context, now);
  if (!hasExpired && ungranted.length === 0 && !mustMark) return;
  await context.transact(now, (work) => {
    for (const peer of ungranted) dropUngranted(work, peer, now);
    const entries = hasExpired ? work.tables.outbox.all(sweptMax) : [];
    for (const { id } of entries.filter((each) => leftMs(each, elapsed) === 0)) {
      const entry = work.tables.outbox.get(id);
      if (entry === null || !work.tables.outbox.remove(id, entry.version)) continue;
      kinds[entry.kind].ended(work, entry, { end: "expired", now });
    }
    if (mustMark) markElapsed(context, work, now);
    return { value: undefined };
  });
}

/** Peers with waiting entries whose grant is over. */
function withoutGrant(context: Context, now: Instant): readonly PeerRow[] {
  const { outbox, waits, peers } = context.tables;
  const waiting = new Set(waits.incoming().map(({ fingerprint }) => fingerprint));
  const queued = outbox.peers().map(({ fingerprint }) => fingerprint);
  return [...new Set([...waiting, ...queued])].flatMap((fingerprint) => {
    const peer = peers.get(fingerprint);
    if (peer === null) return [];
    const scopes = scopesAt(peer.grants, now);
    const isOver = outbox.hasOtherScope(fingerprint, scopes);
    return isOver || (waiting.has(fingerprint) && !scopes.includes("ask")) ? [peer] : [];
  });
}
