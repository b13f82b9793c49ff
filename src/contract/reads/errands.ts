/**
 * Errands of readings. The daemon decides which commit and which paths; the keeper starts the
 * reader and passes on what it answers. Refusals are values.
 */

import { z } from "zod";
import { patternCharactersMax, selectorMax } from "../policy/limits.ts";
import { Commit, Duration, Fingerprint, Id, Name, Path, text } from "../terms.ts";
import { At, Operation, OperationEnd } from "./reads.ts";
import { Wall } from "./sandbox.ts";

/** The time of an open: the keeper finds the commit, starts the reader and reads the tree. */
export const openErrandMs = 9_000;
/** The time of an operation: the keeper ends the reader before. */
export const operationErrandMs = 8_000;
/** The time of an errand that starts nothing. */
export const shortErrandMs = 5_000;

const FullRef = text(256).regex(/^refs\//);
const deny = z.array(text(patternCharactersMax)).max(4 * selectorMax);

export const OpenErrand = z.object({
  reading_id: Id,
  /** Readings of one machine share its places, and nothing else. */
  peer: Fingerprint,
  path: Path,
  /** The refs that may be read, by their full names, the first one first. */
  refs: z.array(FullRef).max(4 * selectorMax),
  /** A commit that is asked for; null for a ref's tip. */
  sha: Commit.nullable(),
  /** A commit that is preferred where it is the tip of such a ref. */
  preferred: Commit.nullable(),
  /** True to admit ancestors of the refs. */
  history: z.boolean(),
});
export type OpenErrand = z.infer<typeof OpenErrand>;

export const OpenEnd = z.discriminatedUnion("opened", [
  z.object({
    opened: z.literal(true),
    sha: Commit,
    ref: At.nullable(),
    files: z.int().min(0),
    age_ms: Duration,
    wall: Wall,
  }),
  z.object({
    opened: z.literal(false),
    why: z.enum([
      /** The repository cannot be read; `detail` is git's reason. */
      "repository",
      /** No such ref, or a commit that no ref allows. */
      "ref",
      /** An object is not there, as in a shallow or a partial clone. */
      "missing",
      /** The commit has too many files. */
      "too_many",
      /** No wall can be built, or one has a hole; `detail` names it. */
      "sandbox",
      /** The reader ended before it answered. */
      "ended",
    ]),
    detail: text(1_024),
  }),
]);
export type OpenEnd = z.infer<typeof OpenEnd>;

export const OperationErrand = z.object({ reading_id: Id, operation: Operation, deny });
export type OperationErrand = z.infer<typeof OperationErrand>;

/** Null when the keeper has no such reading. */
export const OperationErrandEnd = z.object({ result: OperationEnd.nullable() });
export type OperationErrandEnd = z.infer<typeof OperationErrandEnd>;

export const CloseErrand = z.object({ reading_id: Id });

/** Finds the repository whose work tree holds a session's folder. */
export const WhoseErrand = z.object({
  cwd: Path,
  repositories: z.array(z.object({ name: Name, path: Path })).max(256),
});
export type WhoseErrand = z.infer<typeof WhoseErrand>;
export const WhoseEnd = z.object({ name: Name.nullable() });
