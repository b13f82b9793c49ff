/** Messages about leases: how a session takes, keeps and leaves a handle, and what it says. */

import { z } from "zod";
import {
  ancestorsMax,
  gitCommitsMax,
  handlesMax,
  sinceSubjectsMax,
  wordCharactersMax,
} from "./limits.ts";
import { described } from "./operation/described.ts";
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
import { gitReasons } from "./text/git-reasons.ts";

/** The program a session runs in: claude-code, codex, shell, or what a client calls itself. */
export const Harness = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, {
  error: "a harness is 1 to 31 of a-z, 0-9 and -, and starts with a letter or digit",
});
export type Harness = z.infer<typeof Harness>;

export const State = z.enum(["working", "idle", "waiting"]);
export type State = z.infer<typeof State>;

/** A state as another machine tells it: one that this version does not know is no known state. */
export const ToldState = z
  .string()
  .max(wordCharactersMax)
  .nullable()
  .transform((word): State | null => State.safeParse(word).data ?? null)
  .register(described, {
    words: `\`${State.options.join("`, `")}\` or null; other text counts as null`,
  });

/** A process that cannot be mistaken for a later one of the same number. */
export const Process = z.object({
  pid: z.int().min(1),
  /** As the system tells it; only compared for equality. */
  start_time: z.string().min(1).max(64),
});
export type Process = z.infer<typeof Process>;

/** The reason for which a fact of git is not known; `text/words.ts` has a sentence for each. */
export const GitReason = z.enum(gitReasons);
export type GitReason = z.infer<typeof GitReason>;

/** The reason that another version tells, which may know more of them. */
const ToldReason = z.string().regex(/^[a-z][a-z_]{0,31}$/);

/** The reason for which there are no git facts; absent where there are some. */
export const gitWhy = { git_why: ToldReason.optional() } as const;

/** A number of things. */
export const Count = z.int().min(0);

/** Facts of a work tree's git: never a file's name. `sha` is null before the first commit. */
export const gitFields = {
  sha: Commit.nullable(),
  subject: Subject.nullable(),
  branch: Branch.nullable(),
  /** Number of changed files; null where it is not known. */
  dirty: Count.nullable(),
  /** Commits that the upstream does not have, by local refs; null without an upstream. */
  ahead: Count.nullable().optional(),
  /** Commits that only the upstream has, by local refs; null without an upstream. */
  behind: Count.nullable().optional(),
  /** Commits on this branch since the session began, and the subjects of the newest. */
  since_start: z
    .object({ count: Count.max(gitCommitsMax), subjects: z.array(Subject).max(sinceSubjectsMax) })
    .optional(),
  /** The name of a linked work tree, and of the repository that it belongs to. */
  worktree: Project.optional(),
  repository: Project.optional(),
  /** The reason beside each fact that is null. `ahead` stands for `behind` too. */
  why: z
    .object({ sha: ToldReason, branch: ToldReason, dirty: ToldReason, ahead: ToldReason })
    .partial()
    .optional(),
} as const;
export const GitFacts = z.object(gitFields);
export type GitFacts = z.infer<typeof GitFacts>;

export const ActivateInput = z.object({
  name: Name.optional(),
  harness: Harness,
  session_id: SessionId.nullable(),
  process: Process,
  /** Where the keeper reads git; it never leaves this machine. */
  cwd: Path,
  project: Project,
  /** Absent when it was not read: the keeper will. */
  git: GitFacts.nullable().optional(),
  ...gitWhy,
  summary: Summary.optional(),
  /**
   * The process is one session and no other: a lease that it holds is this session's, also under
   * another session id. A null session id then keeps the one that lease has.
   */
  sole: z.boolean().optional(),
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
export type ActivateOutput = z.infer<typeof ActivateOutput>;

/** Finds the caller's lease: by name, else by session id, else by an ancestor process. */
export const Selector = z.object({
  name: Name.optional(),
  session_id: SessionId.optional(),
  processes: z.array(Process).max(ancestorsMax).optional(),
  /** Only if the lease still has this generation. */
  generation: z.int().min(1).optional(),
});
export type Selector = z.infer<typeof Selector>;

export const DeactivateInput = Selector.extend({
  /** Its process is gone: nobody left, and the session takes a handle again when it resumes. */
  gone: z.boolean().optional(),
});
export const DeactivateOutput = z.object({ handle: Handle });
export const SummaryInput = z.object({ selector: Selector, text: Summary });
export const SummaryOutput = z.object({ handle: Handle, summary: z.string() });

/** What happened in a session, as a hook of its harness tells it: never what was said in it. */
export const HookInput = z.object({
  harness: Harness,
  session_id: SessionId,
  /** Null where none was found: then no handle is taken. */
  process: Process.nullable(),
  /** The process is one session and no other, so that a new session id in it takes over. */
  sole: z.boolean(),
  /** Nobody sits in front of it. */
  headless: z.boolean(),
  cwd: Path,
  /** The work tree that the folder is in; null outside of one. */
  root: Path.nullable(),
  /** The folder lies in one that the settings exclude, whatever it is written like. */
  excluded: z.boolean().optional(),
  project: Project,
  event: z.enum(["start", "state", "end"]),
  /** What the session does from now on; null where the event does not say. */
  state: State.nullable(),
});
export type HookInput = z.infer<typeof HookInput>;

/** Why a session that a hook told of has no handle. */
export const HookRefusal = z.enum([
  /** `sessions.activate` is `none`. */
  "off",
  /** The folder is excluded, or not one of those that are named. */
  "folder",
  "no_repository",
  "headless",
  /** Its user has released it, and has not activated it since. */
  "left",
  "no_process",
  "lease_limit",
  /** config.toml cannot be read, so nobody knows what it allows. */
  "config",
]);
export type HookRefusal = z.infer<typeof HookRefusal>;

export const HookOutput = z.object({
  /** Null when it has none. */
  handle: Handle.nullable(),
  /** Null also where none was asked for: an end, a state of a session that never had one. */
  refused: HookRefusal.nullable(),
  /** Whether a handle was taken that this session did not have: its user is told. */
  taken: z.boolean(),
  /** Peers that may ask it; told at a start and where a handle was taken, else empty. */
  visible_to: Names,
  /**
   * Handles that are live on paired machines that this one may ask, by its own names for them;
   * told when `visible_to` is.
   */
  live: z.array(Handle).max(handlesMax),
});
export type HookOutput = z.infer<typeof HookOutput>;

/** One lease as the keeper sees it. */
export const KeptLease = z.object({
  name: Name,
  generation: z.int().min(1),
  harness: Harness,
  session_id: SessionId.nullable(),
  process: Process,
  cwd: Path,
  project: Project,
  state: State.nullable(),
  /** How long ago it was last heard of its state, changed or not; null when never. */
  state_age_ms: Duration.nullable(),
  /** Whether git was ever read for it. */
  git_read: z.boolean(),
  /** The age of its session; absent where a daemon of an earlier version lists it. */
  started_age_ms: Duration.optional(),
  /** Not renewed since this daemon started, and so not served until it is. */
  held: z.boolean(),
});
export type KeptLease = z.infer<typeof KeptLease>;
export const LeasesOutput = z.object({
  leases: z.array(KeptLease).max(handlesMax),
  /** True where the daemon needs the keeper besides; absent from a daemon of an earlier version. */
  wanted: z.boolean().optional(),
});

export const RenewInput = z.object({
  beats: z
    .array(
      z.object({
        name: Name,
        generation: z.int().min(1),
        /** What the harness's own file said of its state; what was heard since is newer. */
        observed: z.object({ state: State, age_ms: Duration }).optional(),
      }),
    )
    .max(handlesMax),
  /** A reading of the folder that all of these sessions are in; absent when there was none. */
  git: GitFacts.nullable().optional(),
  ...gitWhy,
});
/** Leases that the keeper knew before the machine slept, and whose process still lives. */
export const ResumeInput = z.object({
  slept: z.array(z.object({ name: Name, generation: z.int().min(1) })).max(handlesMax),
});
export const ResumeOutput = z.object({ taken: Names });

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
  ...gitWhy,
  started_at_ms: Instant,
  expires_in_ms: Duration,
});
export type LocalHandle = z.infer<typeof LocalHandle>;
