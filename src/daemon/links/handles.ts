/** The live handles as a hello tells them, in either direction, to a peer that may ask. */

import { helloHandlesBytesMax, tellingMs } from "../../contract/limits.ts";
import type { HelloOutput } from "../../contract/peer.ts";
import { stateOf } from "../../core/ask.ts";
import { expiresInMs, type Lease, liveLeases, type Now } from "../../core/sessions/lease.ts";
import type { PeerRow } from "../../store/peers.ts";

/** What a peer is told of the handles here; null where it may not ask. */
export function handlesFor(
  peer: Pick<PeerRow, "scopes">,
  leases: readonly Lease[],
  now: Now,
): HelloOutput["handles"] {
  if (!peer.scopes.includes("ask")) return null;
  const known = told.get(leases);
  const isGood = known?.run === now.run.id && now.bootMs >= known.from && now.bootMs < known.to;
  if (isGood) return after(known.handles, Math.ceil(now.bootMs - known.from));
  const handles = fitting(liveLeases(leases, now).map((lease) => handleAt(lease, now)));
  // What has expired is not told, not even once.
  const forMs = Math.min(tellingMs, ...handles.map(({ expires_in_ms }) => expires_in_ms));
  told.set(leases, { handles, run: now.run.id, from: now.bootMs, to: now.bootMs + forMs });
  return handles;
}

type Handles = NonNullable<HelloOutput["handles"]>;

/** What was told, with no more of each lease than is left of it now; the rest is as it was. */
const after = (handles: Handles, passedMs: number): Handles =>
  passedMs === 0
    ? handles
    : handles.map((handle) => ({ ...handle, expires_in_ms: handle.expires_in_ms - passedMs }));

/** What was told, and from when up to when by the boot clock of which run it may be told again. */
interface Told {
  readonly handles: Handles;
  readonly run: string;
  readonly from: number;
  readonly to: number;
}

/** What was told last of leases that are still the same: a crowd of peers is told it in a row. */
const told = new WeakMap<readonly Lease[], Told>();

const handleAt = (lease: Lease, now: Now): Handles[number] => ({
  name: lease.name,
  project: lease.project,
  ...stateOf(lease, now),
  expires_in_ms: Math.floor(expiresInMs(lease, now)),
});

/** As many as one hello holds; the others can be asked by name. */
function fitting<T>(handles: readonly T[]): T[] {
  let bytes = 0;
  return handles.filter((handle) => {
    bytes += Buffer.byteLength(JSON.stringify(handle)) + 1;
    return bytes <= helloHandlesBytesMax;
  });
}
