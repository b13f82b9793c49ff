/**
 * A line of the audit trail as a sentence for people, with two judgements: is it background, and
 * should a person look at it? Pure; loads no zod. Leaves names and questions unchanged: the caller
 * makes the sentence printable.
 */

import type { AuditRecord, Verb } from "../audit.ts";
import { errorTable, isErrorCode } from "../errors.ts";
import { agentName } from "./agents.ts";
import type { AuditLine } from "./audit-lines.ts";

/** A sentence in three parts: the act, the question of an ask, the outcome. */
export interface Sentence {
  readonly act: string;
  readonly question: string | null;
  /** Empty when the act says everything. */
  readonly outcome: string;
}

/** Another machine or caller in a record: its name, else its address. */
export const otherOf = ({ peer_name, origin_address }: AuditRecord): string =>
  peer_name ?? origin_address ?? "an unknown caller";

/** The sentence of a line. */
export function sentenceOf(line: AuditLine): Sentence {
  const { record, text } = line;
  return { act: acts[record.verb](record), question: text, outcome: outcomeOf(line) };
}

const handleOf = ({ handle }: AuditRecord): string => handle ?? "a session";
const times = (count: number | null): string => ((count ?? 1) === 1 ? "" : ` ${count} times`);

const acts: Readonly<Record<Verb, (record: AuditRecord) => string>> = {
  trail: ({ outcome }) =>
    outcome === "interrupted" ? "The daemon had ended abruptly" : "The record begins",
  archive: () => "Old records were moved to a file of their own",
  ask: (record) => `${askerOf(record)} asked ${handleOf(record)}${times(record.count)}`,
  overlap: (record) => `${otherOf(record)} compared changed files of a repository here`,
  wait: (record) => `${askerOf(record)} waits for ${handleOf(record)}`,
  message: (record) => messageAct(record),
  handover: (record) => `Messages were handed to ${handleOf(record)}`,
  activate: (record) => `${handleOf(record)} took its handle`,
  deactivate: (record) => `${handleOf(record)} gave up its handle`,
  expire: (record) => `${handleOf(record)} ended without a word`,
  window_open: () => "A pairing window was opened here",
  window_close: () => "The pairing window here was closed",
  confirm: (record) =>
    record.direction === "in"
      ? `${otherOf(record)} typed a pairing code`
      : `A pairing code was typed here for ${otherOf(record)}`,
  evict: (record) => `An unfinished pairing attempt of ${otherOf(record)} made room`,
  pair: (record) =>
    record.outcome === "expected"
      ? `${otherOf(record)} was trusted here by its fingerprint`
      : `This machine and ${otherOf(record)} were paired`,
  grant: (record) => `${otherOf(record)} may ${rightsOf(record)}`,
  policy: () => "The policy was changed or checked here",
  read: (record) => `${askerOf(record)} read in ${handleOf(record)}${times(record.count)}`,
  task: (record) => taskAct(record),
  rename: (record) => `${otherOf(record)} has a new name`,
  unpair: (record) =>
    record.direction === "in"
      ? `${otherOf(record)} ended the pairing`
      : `The pairing with ${otherOf(record)} was ended here`,
  move: (record) => `${otherOf(record)} has a new address`,
  refused: (record) => `${otherOf(record)} was refused${times(record.count)}`,
  probe: (record) => `${otherOf(record)} looked for a pairing window${times(record.count)}`,
  hello: (record) =>
    record.outcome === "watching"
      ? `A person at ${otherOf(record)} watched this machine's sessions`
      : `${otherOf(record)} said hello${times(record.count)}`,
  witness: (record) => `${otherOf(record)} was told how far this record goes`,
  compare: (record) => `${otherOf(record)} compared its record with this one`,
};

/** The act of a record about a message: it was left, or a person decided about it. */
function messageAct(record: AuditRecord): string {
  const recipient = record.handle ?? "a person";
  if (record.outcome === "approved") return `A message for ${recipient} was approved here`;
  if (record.outcome === "refused") return `A message for ${recipient} was refused here`;
  return `${askerOf(record)} left a message for ${recipient}`;
}

/** The act of a record about a task: it was handed over, a person decided, or it ended. */
function taskAct(record: AuditRecord): string {
  const repository = record.handle ?? "a repository";
  if (record.outcome === "approved") return `A task for ${repository} was approved here`;
  if (record.direction === "local") return `A task for ${repository} was decided about here`;
  return `${askerOf(record)} delegated a task for ${repository}`;
}

function askerOf(record: AuditRecord): string {
  if (record.direction === "in") return otherOf(record);
  const { from_handle, harness } = record;
  if (from_handle !== null) return from_handle;
  return harness === null || harness === "shell" ? "A shell here" : `${agentName(harness)} here`;
}

function rightsOf({ details }: AuditRecord): string {
  const told: unknown = JSON.parse(details ?? "null");
  const scopes = typeof told === "object" && told !== null && "scopes" in told ? told.scopes : null;
  if (!Array.isArray(scopes)) return "do something else here from now on";
  return scopes.length === 0 ? "do nothing here" : `${scopes.join(", ")} here`;
}

/** Outcomes that are no error code. */
const plain: Readonly<Record<string, string>> = {
  code_rejected: "with a wrong code",
  probed: "none was open",
  closed: "",
  refused: "",
  asked: "",
  interrupted: "",
  waiting: "",
  timeout: "its time was over",
  stored: "stored",
  restored: "lost there: that machine was restored",
  held: "held for a person",
  approved: "",
  watching: "",
  expected: "until it meets this machine",
  untrusted: "it is no longer expected",
  expired: "nobody read it in time",
  submitted: "submitted",
  accepted: "accepted",
  running: "running",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
  timed_out: "its time was over",
  over_budget: "over its budget",
  lost: "lost",
  discarded: "discarded",
};

function outcomeOf({ record, isOpen }: AuditLine): string {
  if (isOpen) return "no answer yet";
  if (record.outcome === "ok") return record.verb === "ask" ? "answered" : "";
  const known = plain[record.outcome];
  if (known !== undefined) return known;
  return refusalText(record) ?? record.outcome;
}

/** The acts that a peer needs a right for, in the words of a refusal. */
const rightTo: Partial<Readonly<Record<Verb, string>>> = {
  ...{ ask: "ask", wait: "wait", overlap: "compare changed files", message: "leave messages" },
  ...{ read: "read", task: "run tasks" },
};

/** Refusals of this machine in its own words: those of the table are the asking machine's. */
const refusedHere: Readonly<Record<string, string>> = {
  policy_refused: "the policy here does not allow it",
  repository_unknown: "the policy here names no such repository",
  not_ready: "it could not be done here then",
  sandbox_unsafe: "there is no sandbox for it here",
  task_limit: "too many of its tasks wait here",
};

/** Refusals of a task by another machine, where the table has the words of a read. */
const refusedTask: Readonly<Record<string, string>> = {
  repository_unknown: "no task may run in such a repository there",
  not_ready: "no task could run there then",
  sandbox_unsafe: "there is no sandbox for a task there",
};

/** The error of a record in words that fit its act and its direction; null when it is none. */
export function refusalText({ verb, direction, outcome }: AuditRecord): string | null {
  if (!isErrorCode(outcome)) return null;
  const isHere = direction === "in";
  const right = rightTo[verb];
  if (outcome === "scope_denied" && right !== undefined) {
    return isHere ? `it may not ${right} here` : `this machine may not ${right} there`;
  }
  const words = isHere ? refusedHere : verb === "task" ? refusedTask : {};
  return words[outcome] ?? errorTable[outcome].message;
}

/**
 * Acts of peernet itself, or of strangers; the daemon's lists exclude the `quietVerbs` of these.
 */
const ownVerbs: ReadonlySet<Verb> = new Set([
  "activate",
  "deactivate",
  "expire",
  "hello",
  "probe",
  "witness",
  "handover",
  "move",
  "trail",
  "archive",
  "evict",
  "refused",
  "window_open",
  "window_close",
]);

/** True for records of peernet's own acts, and of a stranger's failed attempts. */
export function isBackground({ verb, direction, handle, outcome }: AuditRecord): boolean {
  return (
    outcome !== "disagrees" &&
    (ownVerbs.has(verb) ||
      // A machine sends its own name as a part of the pairing.
      (verb === "rename" && direction === "in") ||
      handle?.endsWith("/peernet-doctor") === true)
  );
}

/** Outcomes that need a person's look: a forbidden attempt, or a failed proof. */
const alarming: ReadonlySet<string> = new Set([
  "code_rejected",
  "code_burned",
  "burned",
  "certificate_unusable",
  "disagrees",
  "fingerprint_mismatch",
  "origin_unverified",
  "scope_denied",
  "unauthenticated",
]);

/** True when an outcome is a failure: a refusal, or something that went wrong. */
export const isFailure = (outcome: string): boolean =>
  isErrorCode(outcome) || outcome === "refused" || alarming.has(outcome);

/** True when a person should look at a record. */
export const needsLook = ({ outcome }: AuditRecord): boolean => alarming.has(outcome);
