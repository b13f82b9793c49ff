/**
 * Closed segments of the trail: writes the text of their files, and verifies that a text holds the
 * chain that its end was signed for. Also reads the record's first form, but never writes it.
 */

import type { AuditSegment, Head } from "../contract/audit.ts";
import type { Checkpoint, FirstCheckpoint } from "../contract/peer.ts";
import { lv } from "../contract/text/encoding.ts";
import { type AnyRecord, hashedFields, hashOver, type Sha256 } from "./audit-chain.ts";

/** The fields of the first form that were hashed, in their order. */
const firstFields = [
  ...["seq", "at_ms", "direction", "verb", "peer_fingerprint", "peer_name", "origin_address"],
  ...["origin_transport", "origin_node", "origin_login", "handle", "harness", "question"],
  ...["outcome", "thread_id", "answer_sha256", "count"],
];

/** Bytes that a signature of the first form covers. */
export const firstCheckpointBytes = ({ seq, hash, at_ms }: FirstCheckpoint): Uint8Array =>
  lv("peernet-audit-checkpoint-v1", String(seq), hash, String(at_ms));

/** The text of a segment's file: one JSON object a line, the signed checkpoints first. */
export const segmentText = (
  checkpoints: readonly (Checkpoint | FirstCheckpoint)[],
  records: readonly AnyRecord[],
): string =>
  [...checkpoints.map((checkpoint) => ({ checkpoint })), ...records]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");

/** The reason why a record of a file does not follow the previous one, or null when it does. */
export function segmentFlaw(
  previous: Head,
  record: AnyRecord,
  { form, sha256 }: { readonly form: AuditSegment["form"]; readonly sha256: Sha256 },
): string | null {
  const fields = form === 1 ? firstFields : hashedFields;
  const tag = form === 1 ? "peernet-audit-v1" : "peernet-audit-v2";
  if (record.seq !== previous.seq + 1) return "a record is missing";
  if (record.prev_hash !== previous.hash) return "it does not follow the record before it";
  const hash = hashOver(tag, { record, fields }, sha256);
  return record.hash === hash ? null : "its content was changed";
}
