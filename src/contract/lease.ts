/** Messages about leases: how a session takes, keeps and leaves a handle, and what it says. */

import { z } from "zod";
import { ancestorsMax, handlesMax } from "./limits.ts";
import {
  Branch,
  Commit,
  Duration,
  Handle,
  Instant,
  Name,
  Names,
  Path,
  Project,
  SessionId,
  Subject,
  Summary,
} from "./terms.ts";

/** The program a session runs in. */
export const Harness = z.enum(["claude-code", "codex", "shell"]);
export type Harness = z.infer<typeof Harness>;

export const State = z.enum(["working", "idle", "waiting"]);
export type State = z.infer<typeof State>;

/** A process that cannot be mistaken for a later one of the same number. */
export const Process = z.object({
  pid: z.int().min(1),
  /** As the system tells it; only compared for equality. */
  start_time: z.string().min(1).max(64),
});
export type Process = z.infer<typeof Process>;

/** What git says of a work tree: never a file's name. `sha` is null before the first commit. */
export const GitFacts = z.object({
  sha: Commit.nullable(),
  subject: Subject.nullable(),
  branch: Branch.nullable(),
  /** Number of changed files. */
  dirty: z.int().min(0),
});
export type GitFacts = z.infer<typeof GitFacts>;

export const ActivateInput = z.object({
  name: Name.optional(),
  harness: Harness,
  session_id: SessionId.nullable(),
  process: Process,
  /** Where the keeper reads git; it never leaves this machine. */
  cwd: Path,
  project: Project,
  git: GitFacts.nullable(),
  summary: Summary.optional(),
});
export type ActivateInput = z.infer<typeof ActivateInput>;
export const ActivateOutput = z.object({
  handle: Handle,
  generation: z.int().min(1),
  expires_in_ms: Duration,
  /** The name this session's lease had until now. */
  renamed_from: Name.nullable(),
  /** Peers that may ask it. */
  visible_to: z.array(Name),
});

/** Finds the caller's lease: by name, else by session id, else by an ancestor process. */
export const Selector = z.object({
  name: Name.optional(),
  session_id: SessionId.optional(),
  processes: z.array(Process).max(ancestorsMax).optional(),
  /** Only if the lease still has this generation. */
  generation: z.int().min(1).optional(),
});
export type Selector = z.infer<typeof Selector>;

export const DeactivateOutput = z.object({ handle: Handle });
export const SummaryInput = z.object({ selector: Selector, text: Summary });
export const SummaryOutput = z.object({ handle: Handle, summary: z.string() });

/** One lease as the keeper sees it. */
export const KeptLease = z.object({
  name: Name,
  generation: z.int().min(1),
  harness: Harness,
  process: Process,
  cwd: Path,
  /** Not renewed since this daemon started, and so not served until it is. */
  held: z.boolean(),
});
export type KeptLease = z.infer<typeof KeptLease>;
export const LeasesOutput = z.object({ leases: z.array(KeptLease).max(handlesMax) });

export const RenewInput = z.object({
  beats: z.array(z.object({ name: Name, generation: z.int().min(1) })).max(handlesMax),
  /** A reading of the folder that all of these sessions are in; absent when there was none. */
  git: GitFacts.nullable().optional(),
});
export const RenewOutput = z.object({ renewed: Names, lost: Names });

/** A live handle of this machine, as `status` shows it. */
export const LocalHandle = z.object({
  handle: Handle,
  project: z.string(),
  harness: Harness,
  state: State.nullable(),
  state_for_ms: Duration.nullable(),
  summary: z.string().nullable(),
  git: GitFacts.nullable(),
  started_at_ms: Instant,
  expires_in_ms: Duration,
});
export type LocalHandle = z.infer<typeof LocalHandle>;
