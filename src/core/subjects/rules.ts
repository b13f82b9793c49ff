/**
 * The rules by which the records of one subject on two machines are judged. The answering machine
 * records before it tells; the asking one may lack the end of a subject, and after an abrupt end
 * its beginning. The rules name each honest excess, and accuse everything else.
 */

import { askDeadlineMsMax } from "../../contract/limits.ts";
import type { ToldRecord } from "../../contract/subjects/subjects.ts";
import { wasInterrupted } from "./interruptions.ts";
import {
  absent,
  agrees,
  differs,
  endOf,
  explained,
  firstOf,
  open,
  type Pair,
  type Side,
  type Verdict,
  withOutcome,
} from "./sides.ts";

/** The rule of each verb. */
export const rules: Readonly<Record<string, (pair: Pair) => Verdict>> = {
  ask: judgeAsk,
  wait: judgeWait,
  message: judgeMessage,
  read: judgeRead,
  task: judgeTask,
};

/** True where the asking daemon ended abruptly before its first record of a subject. */
const isUnwritten = ({ id, asker }: Pair): boolean =>
  asker.records.length === 0 && wasInterrupted(asker.interruptions, id, openingMs);

/** A reading is recorded once it was opened: the time of that call. */
const openingMs = 15_000;

function judgeAsk(pair: Pair): Verdict {
  const { asker, answerer } = pair;
  const told = withOutcome(answerer, "ok");
  if (asker.records.length === 0) {
    return isUnwritten(pair) ? explained(asker, "interrupted") : absent(pair, asker);
  }
  const facts = firstOf(asker, "facts_sha256");
  if (told.some(({ facts_sha256 }) => facts !== null && facts_sha256 !== facts)) {
    return differs("facts");
  }
  const end = endOf(asker);
  if (end === null) return open(asker);
  if (end !== "ok") {
    if (told.length > 0) return explained(asker, "answer_lost");
    return withOutcome(answerer, end).length > 0 ? agrees : explained(answerer, "unanswered");
  }
  if (told.length === 0) {
    const isOther = answerer.records.length > 0;
    return isOther ? differs("outcome") : absent(pair, answerer);
  }
  const content = firstOf(asker, "content_sha256");
  if (told.every(({ content_sha256 }) => content_sha256 !== content)) return differs("content");
  // The question is recorded before its answer is told.
  return facts === null ? absent(pair, asker) : agrees;
}

/** Refusals by a machine that took no message. */
const untaken: readonly string[] = [
  ...["scope_denied", "handle_unknown", "inbox_full", "message_refused", "message_expired"],
  "id_conflict",
];

function judgeMessage(pair: Pair): Verdict {
  const { asker, answerer } = pair;
  const taken = withOutcome(answerer, "stored", "held");
  // A message is recorded before it leaves: no abrupt end removes that.
  if (asker.records.length === 0) return absent(pair, asker);
  const end = endOf(asker);
  const isTaken = end === "stored" || end === "held";
  if (taken.length === 0) {
    if (isTaken) {
      const isOther = answerer.records.length > 0;
      return isOther ? differs("outcome") : absent(pair, answerer);
    }
    if (end === null) return explained(answerer, "queued");
    if (end === "restored") return explained(answerer, "restored");
    return withOutcome(answerer, end).length > 0 ? agrees : explained(answerer, "unanswered");
  }
  const sent = [...withOutcome(asker, "asked", "stored", "held")];
  const field = differingField(sent, taken);
  if (field !== null) return differs(field);
  if (isTaken || end === "restored") return agrees;
  if (end === null) return explained(asker, "no_end_yet");
  // One call may leave twice: refused first, and taken once the right came meanwhile.
  const wasRefused = withOutcome(answerer, end).length > 0;
  const isOdd = untaken.includes(end) && !wasRefused;
  return isOdd ? differs("outcome") : explained(asker, "answer_lost");
}

/** The first field in which the records of one message are not all equal. */
function differingField(...sides: readonly (readonly ToldRecord[])[]) {
  const all = sides.flat();
  const hasSeveral = (value: (record: ToldRecord) => string | number | null): boolean =>
    new Set(all.map(value)).size > 1;
  if (hasSeveral(({ content_sha256 }) => content_sha256)) return "content";
  if (hasSeveral(({ facts_sha256 }) => facts_sha256)) return "facts";
  return hasSeveral(({ bytes }) => bytes) ? "bytes" : null;
}

function judgeWait(pair: Pair): Verdict {
  const { asker, answerer } = pair;
  if (asker.records.length === 0) return absent(pair, asker);
  const facts = firstOf(asker, "facts_sha256");
  const begun = withOutcome(answerer, "waiting", "reached", "ended");
  if (begun.some(({ facts_sha256 }) => facts !== null && facts_sha256 !== facts)) {
    return differs("facts");
  }
  const end = endOf(asker);
  const reached = withOutcome(answerer, "reached");
  if (end === "reached") {
    if (reached.length > 0) return facts === null ? absent(pair, asker) : agrees;
    return answerer.records.length > 0 ? differs("outcome") : absent(pair, answerer);
  }
  if (reached.length > 0) return explained(asker, end === null ? "no_end_yet" : "answer_lost");
  if (end === null) return explained(asker, "no_end_yet");
  const isKnown = begun.length > 0 || withOutcome(answerer, end).length > 0;
  return isKnown ? agrees : explained(answerer, "unanswered");
}

function judgeRead(pair: Pair): Verdict {
  const { asker, answerer } = pair;
  if (asker.records.length === 0) {
    const isOpened = withOutcome(answerer, "ok").length > 0;
    if (!isOpened) return explained(answerer, "unanswered");
    return isUnwritten(pair) ? explained(asker, "interrupted") : absent(pair, asker);
  }
  const had = countsOf(asker);
  const told = countsOf(answerer);
  const more = [...told.keys()].filter((key) => !had.has(key));
  const lacks = [...had].filter(([key, count]) => count > (told.get(key) ?? 0));
  if (lacks.length > 0) {
    const isAbsent = more.length === 0 || isArchived(pair);
    return isAbsent ? absent(pair, answerer) : differs(fieldOf(lacks, more));
  }
  if (more.length === 0) return had.size > 0 ? agrees : explained(answerer, "unanswered");
  // An opening whose reply was lost is made again, maybe at a later commit.
  const hasFailed = asker.records.some(({ outcome }) => outcome !== "ok" && outcome !== "closed");
  if (hasFailed) return explained(asker, "answer_lost");
  return isCutShort(pair) ? explained(asker, "interrupted") : absent(pair, asker);
}

/** States of a task's round as it is taken, with the digest of its document. */
const takenStates = ["submitted", "held", "accepted", "refused"] as const;
/** Ends of a round, with the digest of the whole result. */
const ends = ["completed", "failed", "cancelled", "timed_out", "over_budget", "lost"] as const;

function judgeTask(pair: Pair): Verdict {
  const { id, asker, answerer } = pair;
  // A task is recorded before it leaves: no abrupt end removes that.
  if (asker.records.length === 0) return absent(pair, asker);
  const sent = contentsOf(asker, ["asked"]);
  const taken = contentsOf(answerer, takenStates);
  if (!taken.isSubsetOf(sent)) {
    const mayBeArchived = asker.archived !== null && id <= asker.archived;
    return mayBeArchived ? absent(pair, asker) : differs("facts");
  }
  const had = contentsOf(asker, ends);
  const given = contentsOf(answerer, ends);
  if (!had.isSubsetOf(given)) {
    const isAbsent = given.isSubsetOf(had) || isArchived(pair);
    return isAbsent ? absent(pair, answerer) : differs("content");
  }
  if (!given.isSubsetOf(had)) return explained(asker, "no_end_yet");
  if (taken.size > 0) return agrees;
  return explained(answerer, endOf(asker) === null ? "queued" : "unanswered");
}

/** The digests in a machine's records with one of these outcomes. */
const contentsOf = (side: Side, outcomes: readonly string[]): ReadonlySet<string> =>
  new Set(withOutcome(side, ...outcomes).flatMap(({ content_sha256 }) => content_sha256 ?? []));

/** The successful operations of a reading, by their facts and size. */
function countsOf(side: Side): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { facts_sha256, bytes } of withOutcome(side, "ok")) {
    const key = `${facts_sha256} ${bytes}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Part of a reading's records may be in a file: the rest proves no difference. */
const isArchived = ({ id, answerer: { archived } }: Pair): boolean =>
  archived !== null && id <= archived;

/** The field in which an operation differs: its size, where the same one is on both sides. */
function fieldOf(lacks: readonly (readonly [string, number])[], more: readonly string[]) {
  const operationOf = (key: string): string => key.slice(0, key.indexOf(" "));
  const others = more.map(operationOf);
  return lacks.every(([key]) => others.includes(operationOf(key))) ? "bytes" : "facts";
}

/** True where the asking daemon ended abruptly after its last record of a reading. */
const isCutShort = ({ asker }: Pair): boolean => {
  const last = Math.max(...asker.records.map(({ seq }) => seq));
  return asker.interruptions.some(({ seq }) => seq > last);
};

/** The time by which every question has its end on record, unless its daemon ended. */
export const endedByMs = 2 * askDeadlineMsMax;
/** True where the asking daemon ended before it could write the end of a question. */
export const isEndUnwritten = ({ interruptions }: Side, id: string): boolean =>
  wasInterrupted(interruptions, id, askDeadlineMsMax);
