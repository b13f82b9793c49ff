/**
 * Messages by which a person or a session of this machine delegates tasks, and decides about those
 * of peers.
 */

import { z } from "zod";
import { Sender } from "../messages/sending.ts";
import { Commit, Digest, Duration, Handle, Id, Name, Path, text } from "../terms.ts";
import { Gate, RunnersEnd } from "./errands.ts";
import { documentBytesMax, listedTasksMax, roundsMax, statesMax } from "./limits.ts";
import {
  ProfileName,
  Prompt,
  RunnerName,
  TaskDecision,
  TaskName,
  TaskResult,
  TaskState,
} from "./task.ts";

const Round = z.int().min(1).max(roundsMax);

/** The name of a task, or the last characters of its id. */
export const TaskKey = z.string().regex(/^([a-z0-9][a-z0-9-]{0,30}|[0-9a-f-]{4,36})$/, {
  error: "a task is its name, or the last 4 or more characters of its id",
});

export const RunInput = z.object({
  machine: Name,
  repository: Name,
  prompt: Prompt.nullable(),
  profile: ProfileName.default("query"),
  /** Null: the first runner that the other machine's rule allows; a fixed command has none. */
  runner: RunnerName.nullable().default(null),
  /** The folder of the caller: its clone is the base's source, and gets the result. */
  folder: Path,
  at: text(256).nullable().default(null),
  wip: z.boolean().default(false),
  /** True to send the commits that the other machine lacks, as a bundle. */
  send: z.boolean().default(false),
  name: TaskName.nullable().default(null),
  wall_ms: Duration.nullable().default(null),
  usd: z.number().min(0).nullable().default(null),
  /** An own id makes a repeated call the same task. */
  task_id: Id.nullable().default(null),
  from: Sender,
});
export type RunInput = z.infer<typeof RunInput>;

/** Another round of a task. */
export const SayInput = z.object({
  task: TaskKey,
  prompt: Prompt,
  /** The round that this one makes; a repeated call starts no further one. Null for the next. */
  round: Round.nullable().default(null),
  from: Sender,
});
export type SayInput = z.infer<typeof SayInput>;

/** One side of a task, as it is shown in lists. */
export const ShownTask = z.object({
  task_id: Id,
  name: TaskName,
  /** `out`: asked from here. `in`: a machine asks this one. */
  direction: z.enum(["out", "in"]),
  peer: Name,
  repository: Name,
  profile: ProfileName,
  runner: RunnerName.nullable(),
  round: Round,
  state: TaskState,
  reason: z.string().nullable(),
  /** The time since this machine learned of the state. */
  state_age_ms: Duration,
  age_ms: Duration,
  asked_by: z.object({ handle: Handle.nullable(), person: z.boolean() }),
});
export type ShownTask = z.infer<typeof ShownTask>;

export const RunOutput = z.object({
  task: ShownTask,
  base: Commit.nullable(),
  /** Files whose changes here are not in the base. */
  left_out: z.int().min(0),
  /** Bytes of commits that were sent. */
  sent_bytes: z.int().min(0),
});
export type RunOutput = z.infer<typeof RunOutput>;

export const CheckInput = RunInput.pick({
  machine: true,
  repository: true,
  profile: true,
  runner: true,
  folder: true,
  at: true,
  send: true,
  from: true,
});
export type CheckInput = z.infer<typeof CheckInput>;
/** One gate between this session and a running task. */
export const CheckedGate = z.object({
  gate: z.enum(["peer", "version", "outbound", "rule", "keeper", ...Gate.shape.gate.options]),
  passed: z.boolean(),
  /** The sentence for the person here. */
  says: z.string(),
  /** The line that mends it, and the machine to type it on; null where it passed. */
  fix: z.object({ on: Name, line: z.string() }).nullable(),
});
export const CheckOutput = z.object({ gates: z.array(CheckedGate) });

export const TasksInput = z.object({
  direction: z.enum(["out", "in", "both"]).default("both"),
  /** True to list ended ones too. */
  all: z.boolean().default(false),
});
export const TasksOutput = z.object({
  tasks: z.array(ShownTask).max(listedTasksMax),
  more: z.boolean(),
});

export const TaskInput = z.object({ task: TaskKey });
/** The task after an act on it. */
export const ActedOutput = z.object({ task: ShownTask });

/** Each state of a task with its age, the oldest first. */
const States = z
  .array(
    z.object({ round: Round, state: TaskState, reason: z.string().nullable(), age_ms: Duration }),
  )
  .max(statesMax);

/** The reason why a commit is not here, and the line that ends it; `due` while it is fetched. */
export const HomeFault = z.object({ due: z.boolean(), says: z.string(), fix: z.string() });
export type HomeFault = z.infer<typeof HomeFault>;

/** The result of a task as its asker has it. */
const Ended = {
  /** The whole result of the last ended round, once it is here. */
  result: TaskResult.nullable(),
  /** The ref that holds its commit here; null until it was brought home. */
  ref: z.string().nullable(),
  root: Path.nullable(),
  /** Set while the result has a commit that is not here. */
  home: HomeFault.nullable(),
};

/** A task of this machine's sessions, for a session: nothing of a task that a peer asked for. */
export const TaskReport = z.object({ task: ShownTask, states: States, ...Ended });
export type TaskReport = z.infer<typeof TaskReport>;

/** A task with everything that a person decides by. Prompt and claims are text of others. */
export const TaskOutput = z.object({
  task: ShownTask,
  /** The document as it was digested, and its digest. */
  document: z.string().max(documentBytesMax),
  document_sha256: Digest,
  /** The program and limits of its run here; null on the asking side, and before a weighing. */
  decision: TaskDecision.nullable(),
  decision_sha256: Digest.nullable(),
  states: States,
  ...Ended,
});
export type TaskOutput = z.infer<typeof TaskOutput>;

export const LogInput = z.object({
  task: TaskKey,
  round: Round.nullable().default(null),
  offset: z.int().min(0).default(0),
});
export const LogOutput = z.object({
  task: ShownTask,
  round: Round,
  /** Bytes of the runner's output as text; the next call continues at `next`. */
  text: z.string(),
  next: z.int().min(0),
  total: z.int().min(0),
  ended: z.boolean(),
});

/** Approves what was shown: both digests are those of `tasks/show`. */
export const ApproveInput = z.object({
  task: TaskKey,
  document_sha256: Digest,
  decision_sha256: Digest,
});
export const RefuseInput = z.object({ task: TaskKey, reason: text(256).nullable().default(null) });
export const FetchOutput = z.object({
  task: ShownTask,
  ref: z.string().nullable(),
  root: Path.nullable(),
});
export const RunnersOutput = RunnersEnd;
/** One runner of this machine. */
export type SeenRunner = z.infer<typeof RunnersEnd>["runners"][number];
