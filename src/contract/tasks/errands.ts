/**
 * Errands of tasks. The daemon decides; the keeper looks, prepares, starts a supervisor, moves
 * pieces and runs git. Refusals are values.
 */

import { z } from "zod";
import { RefPattern } from "../policy/document.ts";
import { selectorMax } from "../policy/limits.ts";
import { Commit, Digest, Duration, Id, Name, Path, text } from "../terms.ts";
import { pieceBytesMax, roundsMax } from "./limits.ts";
import {
  Blob,
  BlobPart,
  ProfileName,
  Prompt,
  RunnerName,
  TaskDecision,
  TaskName,
  TaskNetwork,
  TaskProgram,
  TaskResult,
} from "./task.ts";

const Round = z.int().min(1).max(roundsMax);
const Words = z.array(text(4_096)).min(1).max(256);

/** A repository or folder of the policy. */
export const TaskPlace = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("repository"),
    name: Name,
    path: Path.nullable(),
    clone: text(1_024).nullable(),
  }),
  z.object({ kind: z.literal("folder"), name: Name, path: Path }),
]);
export type TaskPlace = z.infer<typeof TaskPlace>;

/** One gate of a task, as the keeper found it. */
export const Gate = z.object({
  gate: z.enum(["repository", "base", "bundle", "sandbox", "runner", "credential", "disk", "user"]),
  /** One of our own words. */
  why: text(64),
  /** A sentence for the person of that machine, with the line that mends it; never for a model. */
  detail: text(1_024),
});
export type Gate = z.infer<typeof Gate>;

/** Finds what a task would run, and everything that stands in its way; starts nothing of it. */
export const WeighErrand = z.object({
  task_id: Id,
  round: Round,
  place: TaskPlace,
  /** Patterns of the refs from which a base must be reachable; null for no such rule. */
  bases: z.array(RefPattern).max(selectorMax).nullable(),
  base: Commit.nullable(),
  /** True when the base comes in a bundle that is stored, or will be. */
  bundled: z.boolean(),
  profile: ProfileName,
  runner: RunnerName.nullable(),
  /** A fixed command's words, or its file; null for a runner. */
  command: z.union([Words, z.object({ file: Path })]).nullable(),
  network: TaskNetwork,
  usd: z.number().min(0).nullable(),
});
export type WeighErrand = z.infer<typeof WeighErrand>;
export const WeighEnd = z.object({
  /** The real path, and the program with its argv; null while a gate hides it. */
  path: Path.nullable(),
  program: TaskProgram.nullable(),
  gates: z.array(Gate).max(16),
});
export type WeighEnd = z.infer<typeof WeighEnd>;

/** The whole order of a round for its supervisor: the content of `order.json` in its folder. */
export const TaskOrder = z.object({
  version: z.literal(1),
  task_id: Id,
  round: Round,
  place: TaskPlace,
  decision: TaskDecision,
  document_sha256: Digest,
  decision_sha256: Digest,
  prompt: Prompt.nullable(),
  /** The runner's session of the round before; null for a new one. */
  session: text(256).nullable(),
});
export type TaskOrder = z.infer<typeof TaskOrder>;

/** Starts a supervisor, unless that round was started before. */
export const StartErrand = z.object({ order: TaskOrder });
export const StartEnd = z.discriminatedUnion("started", [
  z.object({ started: z.literal(true) }),
  /** Another start is under way, or too many run: asked again later. */
  z.object({
    started: z.literal(false),
    why: z.enum(["busy", "unsafe", "disk"]),
    detail: text(1_024),
  }),
]);

/** The content of `state.json` in a round's folder, as its supervisor writes it. */
export const RoundState = z.object({
  version: z.literal(1),
  state: z.enum(["preparing", "running", "collecting"]),
  /** The boot-time clock at the first event of the run; null before. */
  first_event_boot_ms: z.number().nullable(),
});
export type RoundState = z.infer<typeof RoundState>;

/** The state of a round's folder. */
export const Seen = z.object({
  seen: z.enum([
    /** No folder, or one without a start and without a lock. */
    "absent",
    "preparing",
    "running",
    "collecting",
    /** A result is there. */
    "ended",
    /** Started, its lock free, and no result. */
    "lost",
  ]),
  log_bytes: z.int().min(0),
  /** The time since its first event; null before. */
  running_ms: Duration.nullable(),
  /** The result without its files, and the whole one as a blob. */
  result: z.object({ short: TaskResult, blob: Blob }).nullable(),
});
export type Seen = z.infer<typeof Seen>;

/** Waits until a folder's state is another than the known one; answers the same one in the end. */
export const AwaitErrand = z.object({
  task_id: Id,
  round: Round,
  known: Seen.shape.seen.nullable(),
});

/** Identifies a blob: a part of a round. */
export const BlobId = z.object({ task_id: Id, round: Round, part: BlobPart });
/** Bytes in base64, as JSON has no bytes. */
export const Piece = z
  .string()
  .max(Math.ceil(pieceBytesMax / 3) * 4)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/);
export const PutErrand = z.object({
  blob: BlobId,
  /** True on the machine that asks: its parts lie apart from those of hosted tasks. */
  ours: z.boolean(),
  offset: z.int().min(0),
  data: Piece,
  /** The whole blob's size and digest: a piece beyond is refused, the last one is checked. */
  whole: Blob,
});
export const PutEnd = z.object({
  /** `whole`: every byte is there and has the digest. */
  put: z.enum(["more", "whole", "wrong", "disk"]),
  /** The bytes that are there: the next piece begins here. */
  have: z.int().min(0),
});
export const GetErrand = z.object({ blob: BlobId, ours: z.boolean(), offset: z.int().min(0) });
/** Null when there is no such part. `ended` is false while a log still grows. */
export const GetEnd = z
  .object({ data: Piece, total: z.int().min(0), ended: z.boolean() })
  .nullable();

/** Finds a base in a person's clone here, and packs what the other machine may lack. */
export const PackErrand = z.object({
  task_id: Id,
  round: Round,
  folder: Path,
  /** A ref or a commit; null for the work tree's HEAD. */
  at: text(256).nullable(),
  /** True to commit uncommitted changes to a throw-away commit, which is sent. */
  wip: z.boolean(),
  /** True to make a bundle. */
  bundle: z.boolean(),
});
export const PackEnd = z.discriminatedUnion("packed", [
  z.object({
    packed: z.literal(true),
    /** The root of the clone, and the base. */
    root: Path,
    base: Commit,
    bundle: Blob.nullable(),
    /** Files whose changes are not in the base. */
    left_out: z.int().min(0),
  }),
  z.object({
    packed: z.literal(false),
    why: z.enum(["not_a_clone", "no_commit", "ref", "too_large", "objects_missing", "failed"]),
    detail: text(1_024),
  }),
]);

/** Brings a result's bundle home, into one ref of a clone here. */
export const ImportErrand = z.object({
  task_id: Id,
  round: Round,
  root: Path,
  /** The machine and the task's name: the ref is `refs/peernet/MACHINE/NAME`. */
  machine: Name,
  name: TaskName,
  base: Commit,
  commit: Commit,
  bundle: Blob,
});
export const ImportEnd = z.discriminatedUnion("imported", [
  z.object({ imported: z.literal(true), ref: text(256) }),
  z.object({
    imported: z.literal(false),
    why: z.enum([
      "bundle",
      "refused",
      "base",
      "commit",
      "mode",
      "link",
      "too_many",
      "gone",
      "failed",
    ]),
    detail: text(1_024),
  }),
]);

/** Removes a task's folders, tree, store branch and blobs; a second time does nothing. */
export const DiscardErrand = z.object({ task_id: Id, ours: z.boolean() });

/** The runners of this machine, for its person. */
export const RunnersEnd = z.object({
  runners: z
    .array(
      z.object({
        name: RunnerName,
        path: Path.nullable(),
        version: text(64).nullable(),
        credential: z.boolean(),
        /** The reason why it is refused; null when it can run. */
        refused: text(512).nullable(),
        profiles: z.array(ProfileName).max(16),
      }),
    )
    .max(32),
  wall: text(1_024),
});
