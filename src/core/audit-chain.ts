/**
 * The audit trail's arithmetic: seals a record to the previous one, and judges a chain and its
 * checkpoints. Keeps nothing and signs nothing.
 */

import type { AuditRecord, Head } from "../contract/audit.ts";
import { checkpointMs, checkpointRecords } from "../contract/limits.ts";
import type { Checkpoint } from "../contract/peer.ts";
import { framer, hex, lv } from "../contract/text/encoding.ts";
import type { ReverseOf } from "./peers/link.ts";

/** A record before it is sealed; absent fields stay absent. */
export type AuditDraft = Pick<AuditRecord, "at_ms" | "direction" | "verb" | "outcome"> &
  Partial<Omit<AuditRecord, "seq" | "details" | "prev_hash" | "hash">> & {
    readonly details?: Details | null;
    /** The machine that dialled a reverse connection; it becomes one of the details. */
    readonly reverse?: ReverseOf;
  };

/** Facts of a record beyond its fields; they become JSON with sorted keys. */
export type Details = { readonly [name: string]: Detail };
type Detail = string | number | boolean | null | readonly Detail[] | Details;

/** SHA-256, given by the shell. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** The fields that are hashed, in their order. */
export const hashedFields = [
  "seq",
  "at_ms",
  "direction",
  "verb",
  "peer_fingerprint",
  "peer_name",
  "origin_address",
  "origin_transport",
  "origin_node",
  "origin_login",
  "handle",
  "from_handle",
  "harness",
  "text",
  "outcome",
  "thread_id",
  "subject_id",
  "content_sha256",
  "details",
  "count",
] as const;

/** Makes a draft the next record of a chain. @throws RangeError for ill-formed Unicode */
export function seal(previous: Head, draft: AuditDraft, sha256: Sha256): AuditRecord {
  const record = {
    seq: previous.seq + 1,
    at_ms: draft.at_ms,
    direction: draft.direction,
    verb: draft.verb,
    peer_fingerprint: draft.peer_fingerprint ?? null,
    peer_name: draft.peer_name ?? null,
    origin_address: draft.origin_address ?? null,
    origin_transport: draft.origin_transport ?? null,
    origin_node: draft.origin_node ?? null,
    origin_login: draft.origin_login ?? null,
    handle: draft.handle ?? null,
    from_handle: draft.from_handle ?? null,
    harness: draft.harness ?? null,
    text: draft.text ?? null,
    outcome: draft.outcome,
    thread_id: draft.thread_id ?? null,
    subject_id: draft.subject_id ?? null,
    content_sha256: draft.content_sha256 ?? null,
    details: detailsText(detailsOf(draft)),
    count: draft.count ?? null,
    prev_hash: previous.hash,
  };
  return { ...record, hash: hashOf(record, sha256) };
}

const detailsOf = ({ details = null, reverse }: AuditDraft): Details | null =>
  reverse === undefined ? details : { ...details, reverse };

const detailsText = (details: Details | null): string | null =>
  details === null ? null : JSON.stringify(sorted(details));

/** A value with the keys of every object in the order of their UTF-16 units. */
function sorted(value: Detail): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

/**
 * SHA-256 over `lv("peernet-audit-v2", prev_hash, f₁ … f_n)`: an absent field is the byte 0, a
 * present one the byte 1 and its value, integers in decimal.
 */
export const hashOf = (record: Omit<AuditRecord, "hash">, sha256: Sha256): string =>
  hashOver("peernet-audit-v2", { record, fields: hashedFields }, sha256);

/** A record of any form, with its fields as a file holds them. */
export type AnyRecord = Readonly<Record<string, string | number | null>>;

/** The hash of a record whose form has these fields, in their order. */
export function hashOver(
  tag: string,
  { record, fields }: { readonly record: AnyRecord; readonly fields: readonly string[] },
  sha256: Sha256,
): string {
  gathered.begin();
  gathered.add(tag);
  gathered.add(String(record.prev_hash));
  for (const field of fields) {
    const value = record[field] ?? null;
    if (value === null) gathered.add("", 0);
    else gathered.add(typeof value === "string" ? wellFormed(value) : String(value), 1);
  }
  return hex(sha256(gathered.bytes()));
}

/** Bytes to hash; one buffer for all records, since a million of them are verified in a row. */
const gathered = framer();

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new RangeError("ill-formed Unicode in an audit record");
  return text;
}

/** The reason why a record does not follow the previous one, or null when it does. */
export function flaw(previous: Head, record: AuditRecord, sha256: Sha256): string | null {
  if (record.seq !== previous.seq + 1) return "a record is missing";
  if (record.prev_hash !== previous.hash) return "it does not follow the record before it";
  if (record.hash !== hashOf(record, sha256)) return "its content was changed";
  return null;
}

/** Bytes of the salt of a body's digest. */
export const contentSaltBytes = 16;

/**
 * The digest by which a record names a body that it does not hold. The salt travels, stays and is
 * removed with the body: without it nobody can guess a short body from its digest.
 * @throws RangeError for a salt of another length
 */
export function contentSha256(salt: Uint8Array, body: string, sha256: Sha256): string {
  if (salt.length !== contentSaltBytes) throw new RangeError("a salt has 16 bytes");
  return hex(sha256(lv("peernet-content-v1", salt, body)));
}

/** Bytes that a checkpoint's signature covers. */
export const checkpointBytes = (checkpoint: Omit<Checkpoint, "signature">): Uint8Array =>
  lv(
    "peernet-audit-checkpoint-v2",
    checkpoint.trail_id,
    String(checkpoint.seq),
    checkpoint.hash,
    String(checkpoint.at_ms),
  );

/** True when a checkpoint is due: enough uncovered records, or old enough ones. */
export const checkpointDue = (uncovered: {
  readonly records: number;
  readonly oldestAgeMs: number;
}): boolean =>
  uncovered.records >= checkpointRecords ||
  (uncovered.records > 0 && uncovered.oldestAgeMs >= checkpointMs);
