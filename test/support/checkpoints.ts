/** The checkpoints that a daemon would have signed while a trail grew. */

import type { AuditRecord } from "../../src/contract/audit.ts";
import { checkpointRecords } from "../../src/contract/limits.ts";
import { checkpointBytes } from "../../src/core/audit-chain.ts";
import { type Identity, sign } from "../../src/peer/identity.ts";

const seededTrail = "0199f0c5-0000-7000-8000-0000000000aa";

/** The first record of a trail that is written without a daemon. */
export const beginning = {
  at_ms: 1_800_000_000_000,
  direction: "local",
  verb: "trail",
  outcome: "ok",
  subject_id: seededTrail,
} as const;

/** The line of the checkpoint that is due after a record, or no line. */
export function checkpointAt(own: Identity, record: AuditRecord): readonly string[] {
  const { seq, hash, at_ms } = record;
  if (seq % checkpointRecords !== 0) return [];
  const checkpoint = { trail_id: seededTrail, seq, hash, at_ms };
  const signature = sign(own, checkpointBytes(checkpoint));
  return [`${JSON.stringify({ ...checkpoint, signature })}\n`];
}
