/**
 * The ways by which the sessions of this machine learn of their mail, for lists of sessions and for
 * peers. Decides nothing about one message: budgets may still delay its wake.
 */

import { lets, permits } from "../../core/grants.ts";
import { wayForPeer, wayOf } from "../../core/messages/telling.ts";
import { type Lease, shownState } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { type Context, nowOf } from "../context/context.ts";
import type { Ways } from "../context/ports.ts";
import { wakeableFacts } from "./parts.ts";

/** Makes the ways of a daemon's sessions. */
export function waysOf(context: Context): Ways {
  const wayFor = (lease: Lease, now: Instant, wakers: readonly (string | null)[]) => {
    const facts = wakeableFacts({ context }, context, { lease, unread: { wakers } });
    return wayOf(facts, shownState(lease, nowOf(context, now)));
  };
  return {
    here: (lease, now) => wayFor(lease, now, []),
    toPeer: (lease, { peer, now }) => {
      if (!mayKnow(peer, lease, now)) return null;
      const named = peer.named_by === "person" ? peer.name : null;
      const { grants } = peer;
      const mayWake = permits(grants, { scope: "wake", name: lease.name }, now).permitted;
      return wayForPeer(wayFor(lease, now, [named]), mayWake);
    },
  };
}

/** True for a peer that may write to the session, and see the state and the program of it. */
function mayKnow({ grants }: PeerRow, { name }: Lease, now: Instant): boolean {
  const asks = permits(grants, { scope: "ask", name }, now);
  if (!asks.permitted || !lets(asks.shown, "state") || !lets(asks.shown, "harness")) return false;
  return permits(grants, { scope: "message", name }, now).permitted;
}
