/** Determines the state of a wait, by the leases and the grant of that instant. */

import type { WireAnswer } from "../../contract/ask.ts";
import { waitGoneMs } from "../../contract/reach/limits.ts";
import { factsOf } from "../../core/ask.ts";
import { permits, type Shown } from "../../core/grants.ts";
import { shownFacts } from "../../core/shown-facts.ts";
import {
  findWaited,
  isHidden,
  type Judged,
  judge,
  type Seen,
  type Waited,
} from "../../core/waits.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Tables } from "../../store/database.ts";
import type { PeerRow } from "../../store/peers.ts";
import { type Context, nowOf } from "../context/context.ts";

/** The state of a wait. */
export interface Standing {
  /** The outcome; null while the wait is open, `denied` when the asker may not know. */
  readonly judged: Judged | "denied" | null;
  /** The facts that the asker may see; null when there are none now. */
  readonly facts: WireAnswer | null;
}

const denied: Standing = { judged: "denied", facts: null };

/** The leases of an instant; a lease that has just expired may be taken again. */
export function seenAt(context: Context, tables: Tables, now: Instant): Seen {
  const { expired } = context;
  const mayReturn = (leaseId: string): boolean =>
    [...expired.values()].some(
      ({ lease, bootMs }) => lease.lease_id === leaseId && now.bootMs - bootMs < waitGoneMs,
    );
  return { leases: tables.leases.all(), mayReturn, now: nowOf(context, now) };
}

/** The state of a peer's wait; a hidden fact ends no wait. */
export function standingFor(
  { grants }: Pick<PeerRow, "grants">,
  wait: Waited,
  { seen, now }: { readonly seen: Seen; readonly now: Instant },
): Standing {
  const verdict = permits(grants, { scope: "ask", name: wait.name }, now);
  if (!verdict.permitted) return denied;
  if (isHidden(wait.until, verdict.shown)) {
    return { judged: { outcome: "ended", reason: "hidden" }, facts: null };
  }
  return standingShown(wait, seen, verdict.shown);
}

/** The state of a wait of this machine's session. */
export const standingHere = (wait: Waited, seen: Seen): Standing => standingShown(wait, seen, null);

function standingShown(wait: Waited, seen: Seen, shown: Shown): Standing {
  const found = findWaited(wait, seen);
  const facts = found.is === "live" ? shownFacts(factsOf(found.lease, seen.now), shown) : null;
  return { judged: judge(wait, found, facts), facts };
}
