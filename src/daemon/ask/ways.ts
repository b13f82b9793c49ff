/** Adds to an answer the way in which a message reaches the session. */

import type { WireAnswer } from "../../contract/ask.ts";
import type { Way } from "../../contract/delivery/way.ts";
import type { Lease } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Ways } from "../context/ports.ts";

/** The asked handle, and the peer that asks. */
interface For {
  readonly name: string;
  readonly leases: readonly Lease[];
  readonly peer: PeerRow;
  readonly now: Instant;
}

/** An answer with the session's way, where the peer may know it. */
export function withWayFor(ways: Ways, answer: WireAnswer, { name, leases, peer, now }: For) {
  const lease = leases.find((each) => each.name === name);
  return withWay(answer, lease === undefined ? null : ways.toPeer(lease, { peer, now }));
}

/** An answer with a way; without one it stays as it is. */
export const withWay = (answer: WireAnswer, way: Way | null): WireAnswer =>
  way === null ? answer : { ...answer, session: { ...answer.session, way } };
