/** Notes that a person at a peer watches this machine's sessions: shown now, recorded hourly. */

import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { PeerCounts } from "../context/peer-counts.ts";
import type { PeerMemory } from "../peers/memory.ts";

/** Dependencies of the note. */
export interface WatchingParts {
  readonly memory: Pick<PeerMemory, "watched">;
  readonly counts: PeerCounts;
}

/** The claim of a hello. */
export interface Claim {
  readonly isWatching: boolean;
  readonly now: Instant;
}

/** Notes a hello's claim. */
export function noteWatching(
  { memory, counts }: WatchingParts,
  { fingerprint, name }: Pick<PeerRow, "fingerprint" | "name">,
  { isWatching, now }: Claim,
): void {
  memory.watched(isWatching, now.bootMs);
  if (isWatching) {
    counts.count({ peer: { fingerprint, name }, verb: "hello", outcome: "watching" }, now);
  }
}
