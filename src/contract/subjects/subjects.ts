/**
 * The messages by which two machines compare their trails. A machine tells a peer only of records
 * about that peer: ids, outcomes, digests and sizes, never a text.
 */

import { z } from "zod";
import { VerifyOutput } from "../audit.ts";
import { Digest, Duration, Fingerprint, Id, Name } from "../terms.ts";
import { interruptionsMax, subjectsPageMax } from "./limits.ts";

const Word = z.string().regex(/^[a-z][a-z_]{0,31}$/);
const Size = z.int().min(0);

/** A record about the caller, as its machine tells it. */
export const ToldRecord = z.object({
  subject_id: Id,
  seq: z.int().min(1),
  verb: Word,
  /** As its own machine wrote it: `out` where that machine asked. */
  direction: z.enum(["in", "out"]),
  outcome: Word,
  /** The digest of the answer, or of the message's text with its salt. */
  content_sha256: Digest.nullable(),
  /** The digest of the facts that both machines record: handle, thread, question, commit, path. */
  facts_sha256: Digest.nullable(),
  bytes: Size.nullable(),
  age_ms: Duration,
  /** True for a record from before the latest pairing. */
  earlier: z.boolean(),
});
export type ToldRecord = z.infer<typeof ToldRecord>;

/**
 * An abrupt end of a daemon. A question that left right before it may have no record: its id is
 * between these two.
 */
export const Interruption = z.object({
  /** The record of the next start. */
  seq: z.int().min(1),
  first: Id,
  last: Id,
});
export type Interruption = z.infer<typeof Interruption>;

/** A place in the order of a page: by subject, then by record. */
export const SubjectPlace = z.object({ subject_id: Id, seq: z.int().min(0) });
export type SubjectPlace = z.infer<typeof SubjectPlace>;

export const WireSubjectsInput = z.object({
  /** Only records after this place; null begins with the first. */
  after: SubjectPlace.nullable(),
  /** Only this subject; null for all. */
  only: Id.nullable().default(null),
});
export const WireSubjectsOutput = z.object({
  /** By subject, then by record. */
  records: z.array(ToldRecord).max(subjectsPageMax),
  /** True when there are more records after the last one. */
  more: z.boolean(),
  /** Abrupt ends that concern the ids of this page. */
  interruptions: z.array(Interruption).max(interruptionsMax),
  /** Records up to this id may be in an archive file, and are not told; null when none is. */
  archived: Id.nullable(),
});
export type WireSubjectsOutput = z.infer<typeof WireSubjectsOutput>;

/** A field in which two records of one subject differ. */
export const DifferingField = z.enum(["direction", "verb", "outcome", "content", "facts", "bytes"]);
export type DifferingField = z.infer<typeof DifferingField>;

/** The honest reason why one machine has more on record than the other. */
export const Explanation = z.enum([
  /** The question, or its refusal, is on record only where it was asked; refusals are counted. */
  "unanswered",
  /** The answer was recorded and sent, and did not arrive. */
  "answer_lost",
  /** The asking daemon ended abruptly around this. */
  "interrupted",
  /** Its end is not on record yet. */
  "no_end_yet",
  /** It was queued and has not arrived. */
  "queued",
  /** The other machine was restored from an older state. */
  "restored",
]);
export type Explanation = z.infer<typeof Explanation>;

/** The reason why a subject cannot be compared. */
export const Incomparable = z.enum(["archived", "before_pairing", "unknown_verb", "too_many"]);
export type Incomparable = z.infer<typeof Incomparable>;

const subject = { subject_id: Id, verb: Word, age_ms: Duration };
const Side = z.enum(["here", "there"]);

/** A subject on which the two trails do not simply agree. */
export const FoundSubject = z.discriminatedUnion("verdict", [
  z.object({ verdict: z.literal("differs"), ...subject, field: DifferingField }),
  /** Recorded on the one side; nothing honest explains why the other has no record. */
  z.object({ verdict: z.literal("only_here"), ...subject }),
  z.object({ verdict: z.literal("only_there"), ...subject }),
  /** One side holds more, for an honest reason of the named side. */
  z.object({ verdict: z.literal("explained"), ...subject, why: Explanation, side: Side }),
  z.object({ verdict: z.literal("incomparable"), ...subject, why: Incomparable, side: Side }),
]);
export type FoundSubject = z.infer<typeof FoundSubject>;

export const CompareInput = z.object({ peer: Name });

/** Counts of compared subjects, by verdict. */
export const ComparedCounts = z.object({
  agree: Size,
  differ: Size,
  only_here: Size,
  only_there: Size,
  explained: Size,
  incomparable: Size,
});
export type ComparedCounts = z.infer<typeof ComparedCounts>;

/** A comparison as it goes on: its progress, each subject that needs a word, and its end. */
export const CompareEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("progress"), subjects: Size }),
  z.object({ event: z.literal("subject"), found: FoundSubject }),
  z.object({
    event: z.literal("compared"),
    peer: Name,
    fingerprint: Fingerprint,
    counts: ComparedCounts,
    /** Subjects that were counted and not listed. */
    unlisted: Size,
  }),
]);
export type CompareEvent = z.infer<typeof CompareEvent>;

/** The output of `audit verify --with PEER --json`. */
export const VerifiedWith = z.object({
  verified: VerifyOutput,
  compared: z.object({
    peer: Name,
    fingerprint: Fingerprint,
    counts: ComparedCounts,
    unlisted: Size,
    found: z.array(FoundSubject),
  }),
});
