/**
 * Judges a witness: a checkpoint of this machine's own trail that a peer kept. Signed by this
 * machine it cannot be invented; a trail without its record was cut or restored from a copy.
 */

import type { Head } from "../contract/audit.ts";
import { trailRecordsMax } from "../contract/limits.ts";
import type { Checkpoint } from "../contract/peer.ts";

/** The trail that a witness is compared with. */
export interface OwnTrail {
  readonly trailId: string | null;
  readonly head: Head;
  /** The hash of the record with the witness's number; null when it is not available. */
  readonly hash: string | null;
}

/** The outcome of a comparison; an implausible witness proves nothing either way. */
export type Verdict = "agrees" | "disagrees" | "implausible";

/** Compares a witness with the trail. An archived record contradicts nothing. */
export function judgeWitness(witness: Checkpoint, { trailId, head, hash }: OwnTrail): Verdict {
  if (witness.seq > trailRecordsMax) return "implausible";
  if (witness.trail_id !== trailId || witness.seq > head.seq) return "disagrees";
  return hash === null || hash === witness.hash ? "agrees" : "disagrees";
}
