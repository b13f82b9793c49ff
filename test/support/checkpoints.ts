/** The checkpoints that a daemon would have signed while a trail grew. */

import type { AuditRecord } from "../../src/contract/audit.ts";
import { checkpointRecords } from "../../src/contract/limits.ts";
import { checkpointBytes } from "../../src/core/audit-chain.ts";
import { type Identity, sign } from "../../src/peer/identity.ts";

/** The line of the checkpoint that is due after a record, or no line. */
export function checkpointAt(own: Identity, record: AuditRecord): readonly string[] {
  const { seq, hash, at_ms } = record;
  if (seq % checkpointRecords !== 0) return [];
  const signature = sign(own, checkpointBytes({ seq, hash, at_ms }));
  return [`${JSON.stringify({ seq, hash, at_ms, signature })}\n`];
}
