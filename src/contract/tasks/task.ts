/**
 * A task: one delegated piece of work. Its document says what is asked, its decision what will run,
 * its result what was measured and what the runner claims.
 */

import { z } from "zod";
import { Commit, Digest, Duration, Handle, Id, Name, Path, text } from "../terms.ts";
import {
  bundleBytesMax,
  claimBytesMax,
  promptBytesMax,
  resultFilesMax,
  roundsMax,
  taskHopsMax,
} from "./limits.ts";

/** States in which a task goes on. */
export const openStates = [
  "submitted",
  /** Waits for a person of the machine that would run it. */
  "held",
  "accepted",
  /** The keeper prepares its walls and its tree; shown as preparing. */
  "claimed",
  "running",
  "collecting",
] as const;
/** States in which a round has ended. */
export const endStates = [
  ...["completed", "failed", "cancelled", "timed_out", "over_budget"],
  /** Its supervisor ended without a result: it is never run again. */
  "lost",
  "refused",
  /** Nobody decided about it in time. */
  "expired",
] as const;
export const TaskState = z.enum([...openStates, ...endStates]);
export type TaskState = z.infer<typeof TaskState>;

/** A runner's name: that of its harness, or of a manifest of the user's. */
export const RunnerName = Name;
/** `query`, `edit`, `build`, or a fixed command of the policy. */
export const ProfileName = Name;
export const Prompt = text(promptBytesMax).min(1);
/** A name that the asking person gives a task. */
export const TaskName = Name;

/** A file that goes with a document or a result. */
export const Blob = z.object({ bytes: z.int().min(1).max(bundleBytesMax), sha256: Digest });
export type Blob = z.infer<typeof Blob>;

/** Limits that an asker may ask for; the policy's are never exceeded. */
export const AskedLimits = z.object({
  wall_ms: Duration.nullable(),
  usd: z.number().min(0).nullable(),
});

/** The request. It crosses as a string, whose bytes are digested, approved and recorded. */
export const TaskDocument = z.object({
  version: z.literal(1),
  task_id: Id,
  /** 1 for the first. */
  round: z.int().min(1).max(roundsMax),
  /** A repository or a folder of the other machine's policy. */
  repository: Name,
  /** The commit at which it starts; null for a folder, and for a later round. */
  base: Commit.nullable(),
  /** The commits of the base that the other machine may lack. */
  bundle: Blob.nullable(),
  /** Null for a fixed command. */
  prompt: Prompt.nullable(),
  /** Base64url of random bytes: the prompt's record is a digest with this salt. */
  salt: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  profile: ProfileName,
  runner: RunnerName.nullable(),
  limits: AskedLimits,
  hops: z.int().min(0).max(taskHopsMax),
  asked_by: z.object({ handle: Handle.nullable(), person: z.boolean() }),
});
export type TaskDocument = z.infer<typeof TaskDocument>;

/** The ways out of a task's sandbox. */
export const TaskNetwork = z.union([
  z.enum(["none", "model"]),
  z.object({ hosts: z.array(text(253).min(1)).min(1).max(64) }),
]);
export type TaskNetwork = z.infer<typeof TaskNetwork>;

/** The program that a task runs, as it stands on this machine. */
export const TaskProgram = z.object({
  /** Null for a fixed command. */
  runner: RunnerName.nullable(),
  version: text(64).nullable(),
  path: Path,
  sha256: Digest,
  argv: z.array(text(4_096)).max(256),
});
export type TaskProgram = z.infer<typeof TaskProgram>;

/** The run that was decided: an approval binds its digest together with the document's. */
export const TaskDecision = z.object({
  rules: z.array(z.string()).min(1),
  policy_sha256: Digest,
  wall_ms: Duration,
  usd: z.number().min(0).nullable(),
  network: TaskNetwork,
  /** The real path of the repository or folder. */
  path: Path,
  kind: z.enum(["repository", "folder"]),
  base: Commit.nullable(),
  bundle_sha256: Digest.nullable(),
  profile: ProfileName,
  program: TaskProgram,
});
export type TaskDecision = z.infer<typeof TaskDecision>;

/** One changed file of a result. Its name is text of another machine. */
export const ChangedFile = z.object({
  path: text(4_096).min(1),
  /** Null for a binary file. */
  added: z.int().min(0).nullable(),
  deleted: z.int().min(0).nullable(),
  mode: z.string().regex(/^[0-7]{6}$/),
});

/** Facts of the supervisor about a round. */
export const Measured = z.object({
  exit: z.int().nullable(),
  signal: text(32).nullable(),
  duration_ms: Duration,
  /** From the start to the runner's first event. */
  first_output_ms: Duration.nullable(),
  output_bytes: z.int().min(0),
  output_capped: z.boolean(),
  peak_memory_bytes: z.int().min(0).nullable(),
  runner: z.object({ name: RunnerName, version: text(64).nullable(), sha256: Digest }).nullable(),
  profile: ProfileName,
  /** Null for a round that ended before its walls were proven: nothing of it ran. */
  sandbox: z
    .object({ wall: z.enum(["bwrap", "landlock"]), canaries: z.literal("passed") })
    .nullable(),
  /** `namespace`: no process can be left. */
  processes: z.enum(["namespace", "best_effort"]),
  base: Commit.nullable(),
  commit: Commit.nullable(),
  files: z.array(ChangedFile).max(resultFilesMax),
  /** The numbers of `files`, which is empty where a result crosses without its files. */
  files_count: z.int().min(0),
  added: z.int().min(0),
  deleted: z.int().min(0),
  /** Repositories inside the tree that were left out. */
  nested_repositories: z.array(text(4_096)).max(64),
  bundle: Blob.nullable(),
  /** Dollars by our own meter; null where there was none. */
  usd: z.number().min(0).nullable(),
  requests: z.int().min(0),
  /** Hosts that were reached, and hosts or paths that were refused. */
  network: z.object({
    reached: z.array(text(253)).max(64),
    refused: z.array(text(512)).max(64),
  }),
});
export type Measured = z.infer<typeof Measured>;

/** Words of the runner about its own work. */
export const Claims = z.object({
  text: text(claimBytesMax).nullable(),
  /** The runner's own id of its session, for a later round. */
  session: text(256).nullable(),
  cost_usd: z.number().min(0).nullable(),
  is_error: z.boolean().nullable(),
  /** Tools that it was refused. */
  denials: z.array(text(256)).max(64),
});
export type Claims = z.infer<typeof Claims>;

/** The end of a round: what was measured apart from what is claimed. */
export const TaskResult = z.object({
  version: z.literal(1),
  task_id: Id,
  round: z.int().min(1).max(roundsMax),
  state: z.enum(["completed", "failed", "cancelled", "timed_out", "over_budget", "lost"]),
  /** One of our own words for the reason; null for a completed one. */
  reason: text(256).nullable(),
  document_sha256: Digest,
  decision_sha256: Digest,
  measured: Measured,
  claims: Claims,
});
export type TaskResult = z.infer<typeof TaskResult>;

/** The parts of a task that cross in pieces. */
export const BlobPart = z.enum(["bundle", "tree", "result", "log"]);
export type BlobPart = z.infer<typeof BlobPart>;
