/** The audit record and the messages that read the trail. */

import { z } from "zod";
import { auditPageDefault, auditPageMax } from "./limits.ts";
import { Digest, Duration, Fingerprint, Id, Instant, Name, ThreadId } from "./terms.ts";

export const Verb = z.enum([
  "trail",
  "archive",
  "ask",
  "wait",
  "overlap",
  "message",
  "handover",
  "activate",
  "deactivate",
  "expire",
  "window_open",
  "window_close",
  "confirm",
  "evict",
  "pair",
  "grant",
  "policy",
  "read",
  "task",
  "rename",
  "unpair",
  "move",
  "refused",
  "probe",
  "hello",
  "witness",
  "compare",
]);
export type Verb = z.infer<typeof Verb>;

/**
 * Verbs of records that peernet makes by itself; a list for people includes them only on request.
 * Leases come and go, windows open and close, strangers knock, peers say hello.
 */
export const quietVerbs: readonly Verb[] = [
  ...(["activate", "deactivate", "expire", "hello", "probe", "refused", "evict", "trail"] as const),
  ...(["handover"] as const),
  ...(["window_open", "window_close"] as const),
];

/** The way in which the other end was reached; `control` is the local socket. */
export const Transport = z.enum(["control", "loopback", "lan", "tailnet"]);

/** One record; its fields stand in the order in which they are hashed. */
export const AuditRecord = z.object({
  seq: z.int().min(1),
  at_ms: Instant,
  direction: z.enum(["in", "out", "local"]),
  verb: Verb,
  peer_fingerprint: Fingerprint.nullable(),
  peer_name: z.string().nullable(),
  origin_address: z.string().nullable(),
  origin_transport: Transport.nullable(),
  origin_node: z.string().nullable(),
  origin_login: z.string().nullable(),
  /** The handle that the record concerns. */
  handle: z.string().nullable(),
  /** The handle of the session that caused it. */
  from_handle: z.string().nullable(),
  harness: z.string().nullable(),
  /** The question of an ask; never a message's body or a prompt. */
  text: z.string().nullable(),
  /** `ok`, `asked` for a question that left, or an error code. */
  outcome: z.string(),
  thread_id: z.string().nullable(),
  /** The id of the ask, or of the trail in its first record. */
  subject_id: Id.nullable(),
  /** For an ask, the digest of the answer's bytes as they were sent. */
  content_sha256: Digest.nullable(),
  /** A JSON object with sorted keys; hashed as this exact text. */
  details: z.string().nullable(),
  /** The number of events in the record, when events are only counted. */
  count: z.int().min(1).nullable(),
  prev_hash: z.string(),
  hash: Digest,
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/**
 * A closed, signed segment of the trail that was moved to a file, with the fields of its record's
 * details.
 */
export const AuditSegment = z.object({
  /** The file's name inside the state folder. */
  file: z.string(),
  /** 2, or 1 for records from before the trail had an id. */
  form: z.int().min(1).max(2),
  trail_id: Id.nullable(),
  from_seq: z.int().min(1),
  to_seq: z.int().min(1),
  /** The hash of its last record. */
  hash: Digest,
  /** The digest of the file. */
  sha256: Digest,
});
export type AuditSegment = z.infer<typeof AuditSegment>;

/**
 * The kinds of subject that have an id; `subject` is any kind that this version has no word for.
 */
export const IdKind = z.enum(["ask", "message", "task", "thread", "trail", "subject"]);
export type IdKind = z.infer<typeof IdKind>;

export const ShowInput = z.object({
  /** A complete id, or its ending of at least four hexadecimal characters. */
  id: z.string().regex(/^[0-9A-Fa-f-]{0,32}[0-9A-Fa-f]{4}$/, {
    error: "an id is at least the last 4 of its hexadecimal characters",
  }),
});
export const ShowOutput = z.object({
  kind: IdKind,
  id: Id,
  /** The shortest ending that identifies it on this machine. */
  short: z.string(),
  /** Oldest first; of very many records only the newest. */
  records: z.array(AuditRecord),
});
export type ShowOutput = z.infer<typeof ShowOutput>;

export const ArchiveInput = z.object({
  /** Only records older than this instant are moved. */
  before_ms: Instant,
});
export const ArchiveOutput = z.object({ segments: z.array(AuditSegment) });

/** The end of a chain. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** The head of an empty chain. */
export const genesis: Head = { seq: 0, hash: "" };

const filter = {
  peer: Name.optional(),
  handle: z.string().max(64).optional(),
  verb: Verb.optional(),
  thread_id: ThreadId.optional(),
  /** True to include the records that peernet made by itself. */
  all: z.boolean().default(false),
};

export const AuditInput = z.object({
  ...filter,
  /** Only records of the last so many milliseconds. */
  since_ms: Duration.optional(),
  limit: z.int().min(1).max(auditPageMax).default(auditPageDefault),
  before_seq: z.int().min(1).optional(),
});
export const AuditOutput = z.object({
  /** Oldest first. */
  records: z.array(AuditRecord),
  /** Records in the trail that the filter excludes. */
  hidden_lease_events: z.int().min(0),
  total: z.int().min(0),
  head: z.string(),
  /** The last record up to which the chain was verified since the daemon started. */
  verified_to: z.int().min(0),
});
export const FollowInput = z.object({
  ...filter,
  /** Resume after this record; absent means from now on. */
  after_seq: z.int().min(0).optional(),
});
export const ExportInput = z.object({ after_seq: z.int().min(0).default(0) });

export const VerifyOutput = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    records: z.int().min(0),
    head: z.string(),
    /** The last record that a signed checkpoint covers. */
    checkpoint_seq: z.int().min(0),
    /** Records in archive files, read and verified. */
    archived: z.int().min(0),
    /** Peers that keep a checkpoint of this trail, and agree. */
    witnesses: z.int().min(0),
  }),
  z.object({ ok: z.literal(false), first_bad_seq: z.int().min(0), reason: z.string() }),
]);
export type VerifyOutput = z.infer<typeof VerifyOutput>;
