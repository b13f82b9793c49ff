/**
 * The part of a record that the machine which it is about may learn: nothing that this machine did
 * not send to it, or receive from it. Never a text.
 */

import type { AuditRecord, Verb } from "../../contract/audit.ts";
import type { ToldRecord } from "../../contract/subjects/subjects.ts";
import { framer, hex } from "../../contract/text/encoding.ts";
import { machineHalf, nameHalf } from "../../contract/text/handle.ts";
import type { Sha256 } from "../audit-chain.ts";

/** Verbs of records about a subject that two machines share. */
export const sharedVerbs = [
  "ask",
  "wait",
  "message",
  "read",
  "task",
] as const satisfies readonly Verb[];

/** Facts of the machine that tells. */
export interface Telling {
  readonly nowMs: number;
  /** The latest pairing with the peer. */
  readonly pairedAtMs: number;
  readonly sha256: Sha256;
}

/** A record in the form for the peer that it is about; null for any other record. */
export function toldOf(record: AuditRecord, telling: Telling): ToldRecord | null {
  const { subject_id, seq, verb, direction, content_sha256, at_ms } = record;
  if (subject_id === null || direction === "local" || !isShared(verb)) return null;
  if (isUnaskedEnd(record) || isCarrying(record)) return null;
  const { nowMs, pairedAtMs, sha256 } = telling;
  const facts = factsOf(record, detailsOf(record));
  return {
    ...{ subject_id, seq, verb, direction },
    outcome: toldOutcome(record),
    content_sha256,
    facts_sha256: facts === null ? null : factsDigest(subject_id, facts, sha256),
    bytes: bytesOf(record, detailsOf(record)),
    age_ms: Math.max(0, Math.floor(nowMs) - at_ms),
    earlier: at_ms < pairedAtMs,
  };
}

const isShared = (verb: Verb): boolean => sharedVerbs.some((each) => each === verb);

/** The refusal of an end that this machine no longer waits for: the peer asked nothing. */
const isUnaskedEnd = ({ verb, direction, outcome }: AuditRecord): boolean =>
  verb === "wait" && direction === "in" && outcome === "id_unknown";

/** A piece of a task's output that was carried over: only one of the machines records that. */
const isCarrying = (record: AuditRecord): boolean =>
  record.verb === "task" && textIn(detailsOf(record), "act") !== null;

/** The outcome as the peer learned it: a denied path was told like an absent one. */
const toldOutcome = ({ verb, outcome }: AuditRecord): string =>
  verb === "read" && outcome === "policy_refused" ? "path_unknown" : outcome;

type Facts = readonly (string | null)[];
type Details = Readonly<Record<string, unknown>>;

/** The facts that both machines record of a subject; null for a record without them. */
function factsOf(record: AuditRecord, details: Details): Facts | null {
  const { verb, direction, outcome, handle, from_handle, thread_id } = record;
  if (handle === null) return null;
  switch (verb) {
    case "ask": {
      const hasQuestion = direction === "out" ? outcome === "asked" : outcome === "ok";
      return hasQuestion ? [nameHalf(handle), thread_id, record.text] : null;
    }
    case "message": {
      const topic = textIn(details, "topic");
      const receiver = topic === null ? nameOf(handle) : `@${topic}`;
      return [receiver, nameOf(from_handle), thread_id, textIn(details, "by")];
    }
    case "wait": {
      const isBegun = direction === "in" || outcome === "asked";
      return isBegun ? [nameHalf(handle), textIn(details, "until")] : null;
    }
    case "read":
      if (outcome !== "ok") return null;
      return ["act", "repository", "sha", "path"].map((name) => textIn(details, name));
    default:
      return null;
  }
}

/** The session in a handle; null for a machine, which stands for its person. */
const nameOf = (handle: string | null): string | null =>
  handle === null || machineHalf(handle) === null ? null : nameHalf(handle);

const textIn = (details: Details, name: string): string | null => {
  const value = details[name];
  return typeof value === "string" ? value : null;
};

/** The size of a message or of an answer to a reading. */
function bytesOf({ verb, outcome }: AuditRecord, details: Details): number | null {
  const isSized = verb === "message" || (verb === "read" && outcome === "ok");
  const size = isSized ? (details.bytes ?? details.paths ?? details.matches) : null;
  return typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? size : null;
}

function detailsOf({ details }: AuditRecord): Details {
  const value: unknown = JSON.parse(details ?? "null");
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/**
 * SHA-256 over `lv("peernet-subject-v1", subject_id, f₁ … f_n)`: an absent fact is the byte 0, a
 * present one the byte 1 and its text.
 */
export function factsDigest(subjectId: string, facts: Facts, sha256: Sha256): string {
  gathered.begin();
  gathered.add("peernet-subject-v1");
  gathered.add(subjectId);
  for (const fact of facts) gathered.add(fact ?? "", fact === null ? 0 : 1);
  return hex(sha256(gathered.bytes()));
}

const gathered = framer();
