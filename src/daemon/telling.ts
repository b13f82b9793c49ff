/** The live handles as a hello tells them, in either direction, to a peer that may ask. */

import { helloHandlesBytesMax } from "../contract/limits.ts";
import type { HelloOutput } from "../contract/peer.ts";
import { stateOf } from "../core/ask.ts";
import { expiresInMs, type Lease, liveLeases, type Now } from "../core/lease.ts";
import type { PeerRow } from "../store/peers.ts";

/** What a peer is told of the handles here; null where it may not ask. */
export function handlesFor(
  peer: Pick<PeerRow, "scopes">,
  leases: readonly Lease[],
  now: Now,
): HelloOutput["handles"] {
  if (!peer.scopes.includes("ask")) return null;
  const live = liveLeases(leases, now).map((lease) => ({
    name: lease.name,
    project: lease.project,
    ...stateOf(lease, now),
    expires_in_ms: Math.floor(expiresInMs(lease, now)),
  }));
  return fitting(live);
}

/** As many as one hello holds; the others can be asked by name. */
function fitting<T>(handles: readonly T[]): T[] {
  let bytes = 0;
  return handles.filter((handle) => {
    bytes += Buffer.byteLength(JSON.stringify(handle)) + 1;
    return bytes <= helloHandlesBytesMax;
  });
}
