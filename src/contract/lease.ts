/** Messages about leases: how a session takes, keeps and releases a handle, and its facts. */

import { z } from "zod";
import { Notice, Turn } from "./delivery/turn.ts";
import { Way } from "./delivery/way.ts";
import {
  ancestorsMax,
  gitCommitsMax,
  handlesMax,
  sinceSubjectsMax,
  wordCharactersMax,
} from "./limits.ts";
import { described } from "./operation/described.ts";
import { ChangedFiles } from "./overlap/files.ts";
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

/** The program that runs a session: claude-code, codex, shell, or an MCP client's own name. */
export const Harness = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, {
  error: "a harness is 1 to 31 of a-z, 0-9 and -, and starts with a letter or digit",
});
export type Harness = z.infer<typeof Harness>;

export const State = z.enum(["working", "idle", "waiting"]);
export type State = z.infer<typeof State>;

/** A state that another machine sent; an unknown one reads as null. */
export const ToldState = z
  .string()
  .max(wordCharactersMax)
  .nullable()
  .transform((word): State | null => State.safeParse(word).data ?? null)
  .register(described, {
    words: `\`${State.options.join("`, `")}\` or null; other text counts as null`,
  });

/** Identifies a process, never confused with a later one of the same number. */
export const Process = z.object({
  pid: z.int().min(1),
  /** The system's own text; only compared for equality. */
  start_time: z.string().min(1).max(64),
});
export type Process = z.infer<typeof Process>;

/** The reason why a git fact is unknown; `text/words.ts` has a sentence for each. */
export const GitReason = z.enum(gitReasons);
export type GitReason = z.infer<typeof GitReason>;

/** A reason that another version sent, which may know more of them. */
const ToldReason = z.string().regex(/^[a-z][a-z_]{0,31}$/);

/** The reason why there are no git facts; absent when there are some. */
export const gitWhy = { git_why: ToldReason.optional() } as const;

/** A number of things. */
export const Count = z.int().min(0);

/** Facts of a work tree's git: never a file's name. `sha` is null before the first commit. */
export const gitFields = {
  sha: Commit.nullable(),
  subject: Subject.nullable(),
  branch: Branch.nullable(),
  /** Number of changed files; null when it is unknown. */
  dirty: Count.nullable(),
  /** Commits that the upstream does not have, by local refs; null without an upstream. */
  ahead: Count.nullable().optional(),
  /** Commits that only the upstream has, by local refs; null without an upstream. */
  behind: Count.nullable().optional(),
  /** Commits on this branch since the session began, and the subjects of the newest. */
  since_start: z
    .object({ count: Count.max(gitCommitsMax), subjects: z.array(Subject).max(sinceSubjectsMax) })
    .optional(),
  /** The name of a linked work tree, and of its repository. */
  worktree: Project.optional(),
  repository: Project.optional(),
  /** The reason for each fact that is null. The reason of `ahead` also covers `behind`. */
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
  /** The folder in which the keeper reads git; it never leaves this machine. */
  cwd: Path,
  project: Project,
  /** Absent when the caller did not read it: the keeper will. */
  git: GitFacts.nullable().optional(),
  ...gitWhy,
  summary: Summary.optional(),
  /**
   * True when the process runs one session and no other. Its lease is then this session's, even
   * under another session id. A null session id then keeps the lease's present one.
   */
  sole: z.boolean().optional(),
});
export type ActivateInput = z.infer<typeof ActivateInput>;
export const ActivateOutput = z.object({
  handle: Handle,
  generation: z.int().min(1),
  expires_in_ms: Duration,
  /** The former name of this session's lease. */
  renamed_from: Name.nullable(),
  /** Peers that may ask about it. */
  visible_to: z.array(Name),
});
export type ActivateOutput = z.infer<typeof ActivateOutput>;

/** Finds the caller's lease: by name, else by session id, else by an ancestor process. */
export const Selector = z.object({
  name: Name.optional(),
  session_id: SessionId.optional(),
  processes: z.array(Process).max(ancestorsMax).optional(),
  /** Requires that the lease still has this generation. */
  generation: z.int().min(1).optional(),
});
export type Selector = z.infer<typeof Selector>;

export const DeactivateInput = Selector.extend({
  /**
   * True when its process ended without leaving: the session takes a handle again when it resumes.
   */
  gone: z.boolean().optional(),
});
export const DeactivateOutput = z.object({ handle: Handle });
export const SummaryInput = z.object({ selector: Selector, text: Summary });
export const SummaryOutput = z.object({ handle: Handle, summary: z.string() });

/** An event of a session, as a hook of its harness reports it: never the session's text. */
export const HookInput = z.object({
  harness: Harness,
  session_id: SessionId,
  /** Null when none was found: then no handle is taken. */
  process: Process.nullable(),
  /**
   * True when the process runs one session and no other, so that a new session id in it takes over.
   */
  sole: z.boolean(),
  /** True when no person uses the session. */
  headless: z.boolean(),
  cwd: Path,
  /** The work tree of the folder; null outside of one. */
  root: Path.nullable(),
  /** True when the folder lies in an excluded one, whatever its spelling. */
  excluded: z.boolean().optional(),
  project: Project,
  event: z.enum(["start", "state", "end"]),
  /** The session's new state; null when the event reports none. */
  state: State.nullable(),
  /** The moment of the session's turn, and its proof of mail; absent from an earlier hook. */
  turn: Turn.optional(),
});
export type HookInput = z.infer<typeof HookInput>;

/** The reason why a session with hooks has no handle. */
export const HookRefusal = z.enum([
  /** `sessions.activate` is `none`. */
  "off",
  /** The folder is excluded, or not among the named ones. */
  "folder",
  "no_repository",
  "headless",
  /** Its user has released the session, and has not activated it since. */
  "left",
  "no_process",
  "lease_limit",
  /** config.toml cannot be read, so its rules are unknown. */
  "config",
]);
export type HookRefusal = z.infer<typeof HookRefusal>;

export const HookOutput = z.object({
  /** Null when the session has none. */
  handle: Handle.nullable(),
  /** Also null when no handle was requested: an end, or a state of a session that never had one. */
  refused: HookRefusal.nullable(),
  /** True when the session took a handle that it did not have: its user is informed. */
  taken: z.boolean(),
  /** Peers that may ask about it; filled at a start and after taking a handle, else empty. */
  visible_to: Names,
  /**
   * Live handles on paired machines that this one may ask, by its own names for them; filled when
   * `visible_to` is.
   */
  live: z.array(Handle).max(handlesMax),
  /** The mail of which the hook tells the session; absent when there is none. */
  notice: Notice.optional(),
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
  /** The time since its state was last reported, changed or not; null when it never was. */
  state_age_ms: Duration.nullable(),
  /** True when git was read for it at least once. */
  git_read: z.boolean(),
  /** The age of its session; absent from a daemon of an earlier version. */
  started_age_ms: Duration.optional(),
  /** True when it was not renewed since this daemon started, and so is not served yet. */
  held: z.boolean(),
});
export type KeptLease = z.infer<typeof KeptLease>;
export const LeasesOutput = z.object({
  leases: z.array(KeptLease).max(handlesMax),
  /** True when the daemon needs the keeper besides; absent from a daemon of an earlier version. */
  wanted: z.boolean().optional(),
});

export const RenewInput = z.object({
  beats: z
    .array(
      z.object({
        name: Name,
        generation: z.int().min(1),
        /** The state in the harness's own file; later reports of the hooks are newer. */
        observed: z.object({ state: State, age_ms: Duration }).optional(),
      }),
    )
    .max(handlesMax),
  /** A reading of the folder of all these sessions; absent when there was none. */
  git: GitFacts.nullable().optional(),
  ...gitWhy,
  /** The changed files of that folder; null when they cannot be compared. */
  changed: ChangedFiles.nullable().optional(),
  /** The reason for that, where the folder has a repository. */
  changed_why: ToldReason.optional(),
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
  /** The way in which mail reaches it; absent from a daemon of an earlier version. */
  way: Way.optional(),
});
export type LocalHandle = z.infer<typeof LocalHandle>;
