/**
 * Errands: jobs that the daemon decides and the keeper carries out, since the daemon starts no
 * program and opens no file. Each kind is one row of a table; the messages follow from the rows.
 */

import { z } from "zod";
import { queueDeadlineMs, searchDeadlineMs } from "../delivery/limits.ts";
import { Nonce } from "../delivery/turn.ts";
import { Process } from "../lease.ts";
import { wordCharactersMax, wordsMax } from "../limits.ts";
import {
  CloseErrand,
  OpenEnd,
  OpenErrand,
  OperationErrand,
  OperationErrandEnd,
  openErrandMs,
  operationErrandMs,
  shortErrandMs,
  WhoseEnd,
  WhoseErrand,
} from "../reads/errands.ts";
import {
  AwaitErrand,
  DiscardErrand,
  GetEnd,
  GetErrand,
  ImportEnd,
  ImportErrand,
  PackEnd,
  PackErrand,
  PutEnd,
  PutErrand,
  RunnersEnd,
  Seen,
  StartEnd,
  StartErrand,
  WeighEnd,
  WeighErrand,
} from "../tasks/errands.ts";
import { taskAwaitMs, taskGitMs, taskPieceMs, taskWeighMs } from "../tasks/limits.ts";
import { Duration, Id, Path, SessionId, text } from "../terms.ts";
import { webhookDeadlineMs } from "../webhooks/limits.ts";
import { WebhookEnd, WebhookErrand } from "../webhooks/webhooks.ts";
import { notificationCharactersMax, notifyDeadlineMs } from "./limits.ts";

/** One kind of errand. */
export interface ErrandKind {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** The time within which an errand ends after the daemon's request. */
  readonly deadlineMs: number;
  /**
   * True when a second run does no harm. Such an errand goes to the next keeper when its keeper
   * died in the middle; any other then ends as `lost`.
   */
  readonly repeatable: boolean;
}

/** Letters, digits and plain punctuation: no markup, no option of a program, no other script. */
const NotificationLine = z
  .string()
  .max(notificationCharactersMax)
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ,:.-]*$/, {
    error: "a notification is letters, digits, spaces and , : . -",
  });

/** A desktop notification: counts, and names that a person gave. */
export const Notification = z.object({ summary: NotificationLine, body: NotificationLine });
export type Notification = z.infer<typeof Notification>;

/** Every kind of errand. */
export const errandKinds = {
  /** Starts a reader of a commit. A second run would start it again. */
  read_open: {
    ...{ input: OpenErrand, output: OpenEnd, deadlineMs: openErrandMs, repeatable: true },
  },
  /** Carries out an operation in it. */
  read: {
    ...{ input: OperationErrand, output: OperationErrandEnd },
    ...{ deadlineMs: operationErrandMs, repeatable: true },
  },
  /** Ends it. */
  read_close: {
    ...{ input: CloseErrand, output: z.object({}), deadlineMs: shortErrandMs, repeatable: true },
  },
  /** Finds the repository of a session's folder. */
  read_whose: {
    ...{ input: WhoseErrand, output: WhoseEnd, deadlineMs: shortErrandMs, repeatable: true },
  },
  /** Finds what a task would run, and the gates in its way. */
  task_weigh: {
    ...{ input: WeighErrand, output: WeighEnd, deadlineMs: taskWeighMs, repeatable: true },
  },
  /** Starts a supervisor. A second run finds the first one's folder, and starts none. */
  task_start: {
    ...{ input: StartErrand, output: StartEnd, deadlineMs: taskGitMs, repeatable: true },
  },
  /** Waits for a change of a round's folder. */
  task_await: {
    ...{ input: AwaitErrand, output: Seen, deadlineMs: 2 * taskAwaitMs, repeatable: true },
  },
  /** Stores a piece of a blob. */
  task_put: { input: PutErrand, output: PutEnd, deadlineMs: taskPieceMs, repeatable: true },
  /** Reads a piece of a blob. */
  task_get: {
    ...{ input: GetErrand, output: z.object({ piece: GetEnd }) },
    ...{ deadlineMs: taskPieceMs, repeatable: true },
  },
  /** Finds a base in a clone here, and packs its commits. */
  task_pack: { input: PackErrand, output: PackEnd, deadlineMs: taskGitMs, repeatable: true },
  /** Brings a result's commits into a clone here. */
  task_import: { input: ImportErrand, output: ImportEnd, deadlineMs: taskGitMs, repeatable: true },
  /** Removes a task's folders. */
  task_discard: {
    ...{ input: DiscardErrand, output: z.object({}), deadlineMs: taskGitMs, repeatable: true },
  },
  /** Lists the runners of this machine. */
  task_runners: {
    ...{ input: z.object({}), output: RunnersEnd, deadlineMs: taskWeighMs, repeatable: true },
  },
  /** Shows a desktop notification. A second run only shows it again. */
  notify: {
    input: Notification,
    output: z.object({}),
    deadlineMs: notifyDeadlineMs,
    repeatable: true,
  },
  /** Tells a program of this user of an event, which takes the same id once. */
  webhook: {
    ...{ input: WebhookErrand, output: WebhookEnd },
    ...{ deadlineMs: webhookDeadlineMs, repeatable: true },
  },
  /** Wakes a session of Codex by its own command. A second run would start a second turn. */
  queue: {
    input: z.object({ thread: SessionId, process: Process, cwd: Path }),
    /** False when no terminal shows the session: its turn would run with nobody in front of it. */
    output: z.object({ queued: z.boolean() }),
    deadlineMs: queueDeadlineMs,
    repeatable: false,
  },
  /** Looks for a nonce in a client's own record of a session, from a byte on. */
  search: {
    input: z.object({ path: Path, from: z.int().min(0), nonce: Nonce }),
    output: z.object({ nonce: z.enum(["there", "not_there", "unreadable"]) }),
    deadlineMs: searchDeadlineMs,
    repeatable: true,
  },
} as const satisfies Readonly<Record<string, ErrandKind>>;

type Kinds = typeof errandKinds;
/** The name of a kind. */
export type ErrandWord = keyof Kinds;
/** The input of a kind. */
export type ErrandInputOf<K extends ErrandWord> = z.output<Kinds[K]["input"]>;
/** The result of a kind. */
export type ErrandOutputOf<K extends ErrandWord> = z.output<Kinds[K]["output"]>;

const errandOf = <K extends ErrandWord>(kind: K) =>
  z.object({
    /** A keeper that has carried out an errand of this id repeats its outcome. */
    id: Id,
    kind: z.literal(kind),
    input: errandKinds[kind].input,
    /** The time left for it. */
    deadline_ms: Duration,
  });

/** An errand in the form for the keeper. */
export const Errand = z.discriminatedUnion("kind", [
  errandOf("notify"),
  errandOf("webhook"),
  errandOf("queue"),
  errandOf("search"),
  errandOf("read_open"),
  errandOf("read"),
  errandOf("read_close"),
  errandOf("read_whose"),
  errandOf("task_weigh"),
  errandOf("task_start"),
  errandOf("task_await"),
  errandOf("task_put"),
  errandOf("task_get"),
  errandOf("task_pack"),
  errandOf("task_import"),
  errandOf("task_discard"),
  errandOf("task_runners"),
]);
export type Errand = z.infer<typeof Errand>;

export const ErrandsInput = z.object({
  /** The version of the keeper. */
  version: text(64),
  /** The kinds that it can carry out. */
  kinds: z.array(z.string().max(wordCharactersMax)).max(wordsMax),
});
export type ErrandsInput = z.infer<typeof ErrandsInput>;

export const ErrandsEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("errand"), errand: Errand }),
  /** The daemon has a later version: the keeper ends, and starts the keeper of that version. */
  z.object({ event: z.literal("replace") }),
]);
export type ErrandsEvent = z.infer<typeof ErrandsEvent>;

/** The reason why the keeper did not carry out an errand. */
export const ErrandFailure = z.enum([
  /** This machine has no program for it, or the keeper does not know the kind. */
  "unsupported",
  /** Its time was up. */
  "deadline",
  /** It was tried, and failed. */
  "failed",
]);
export type ErrandFailure = z.infer<typeof ErrandFailure>;

const doneOf = <K extends ErrandWord>(kind: K) =>
  z.object({ kind: z.literal(kind), output: errandKinds[kind].output });

/** An errand's end: its kind with the output, or `failed`. */
export const ErrandOutcome = z.discriminatedUnion("kind", [
  doneOf("notify"),
  doneOf("webhook"),
  doneOf("queue"),
  doneOf("search"),
  doneOf("read_open"),
  doneOf("read"),
  doneOf("read_close"),
  doneOf("read_whose"),
  doneOf("task_weigh"),
  doneOf("task_start"),
  doneOf("task_await"),
  doneOf("task_put"),
  doneOf("task_get"),
  doneOf("task_pack"),
  doneOf("task_import"),
  doneOf("task_discard"),
  doneOf("task_runners"),
  z.object({ kind: z.literal("failed"), reason: ErrandFailure }),
]);
export type ErrandOutcome = z.infer<typeof ErrandOutcome>;

export const ErrandInput = z.object({ id: Id, outcome: ErrandOutcome });
export const ErrandOutput = z.object({
  /** False when the daemon has restarted, or given the errand up. */
  awaited: z.boolean(),
});
