/** Bodies by which machines delegate tasks to each other. */

import { z } from "zod";
import { Commit, Digest, Duration, Id, Name, text } from "../terms.ts";
import { BlobId, Gate, GetEnd, Piece } from "./errands.ts";
import { documentBytesMax, roundsMax } from "./limits.ts";
import { Blob, ProfileName, RunnerName, TaskResult, TaskState } from "./task.ts";

/** The document as a string: its bytes are digested, approved, recorded and stored. */
export const SubmitTask = z.object({
  task_id: Id,
  document: text(documentBytesMax).min(2),
  digest: Digest,
});
export const TaskAnswer = z.object({
  state: TaskState,
  /** One of our own words; null where the state says all. */
  reason: text(256).nullable(),
});
export const OwnTask = z.object({ task_id: Id });

const Round = z.int().min(1).max(roundsMax);

/** A change of state, told through the outbox; a later version replaces an earlier one. */
export const TaskEvent = z.object({
  task_id: Id,
  round: Round,
  version: z.int().min(1),
  state: TaskState,
  reason: text(256).nullable(),
  age_ms: Duration,
});
/** The end of a round: the result without its files, and the whole one as a blob. */
export const TaskEnded = z.object({
  task_id: Id,
  round: Round,
  result: TaskResult,
  blob: Blob,
});

export type TaskEnded = z.infer<typeof TaskEnded>;

export const PutPiece = z.object({ id: BlobId, offset: z.int().min(0), data: Piece });
export const PutPieceOutput = z.object({ have: z.int().min(0), whole: z.boolean() });
export const GetPiece = z.object({ id: BlobId, offset: z.int().min(0) });
export const GetPieceOutput = GetEnd.unwrap();

/** Asks for the gates of a task before it is submitted. */
export const CheckTask = z.object({
  repository: Name,
  profile: ProfileName,
  runner: RunnerName.nullable(),
  base: Commit.nullable(),
  /** True when the base would come in a bundle. */
  bundled: z.boolean(),
});
/** The gates that are closed, each in one of our own words; none when it could run. */
export const CheckTaskOutput = z.object({
  gates: z
    .array(
      z.object({ gate: z.enum(["rule", "keeper", ...Gate.shape.gate.options]), why: text(64) }),
    )
    .max(16),
});
