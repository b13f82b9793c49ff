/**
 * Judges a witness: a checkpoint of this machine's own trail that a peer kept. Signed by this
 * machine it cannot be invented; a trail that does not have its record was cut or put back.
 */

import type { Head } from "../contract/audit.ts";
import { trailRecordsMax } from "../contract/limits.ts";
import type { Checkpoint } from "../contract/peer.ts";

/** The trail that a witness is compared with. */
export interface OwnTrail {
  readonly trailId: string | null;
  readonly head: Head;
  /** The hash of the record that has the witness's number; null where it is not at hand. */
  readonly hash: string | null;
}

/** The outcome of a comparison; an implausible witness is believed in neither direction. */
export type Verdict = "agrees" | "disagrees" | "implausible";

/** Compares a witness with the trail. A record that was archived contradicts nothing. */
export function judgeWitness(witness: Checkpoint, { trailId, head, hash }: OwnTrail): Verdict {
  if (witness.seq > trailRecordsMax) return "implausible";
  if (witness.trail_id !== trailId || witness.seq > head.seq) return "disagrees";
  return hash === null || hash === witness.hash ? "agrees" : "disagrees";
}
