/** The comparison of two trails, as `peernet audit verify --with PEER` shows it. */

import type {
  CompareEvent,
  Explanation,
  FoundSubject,
  Incomparable,
} from "../../contract/subjects/subjects.ts";
import { shortId } from "../../contract/text/ids.ts";
import { grouped } from "../../contract/text/numeral.ts";
import { ageText } from "../../contract/text/words.ts";
import type { Io } from "../terminal/io.ts";
import { type Column, overwrite, printLine, printTable, type Row } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";

/** A complete comparison. */
export interface Comparison
  extends Omit<Extract<CompareEvent, { readonly event: "compared" }>, "event"> {
  readonly found: readonly FoundSubject[];
}

/** Compares with a peer until the signal aborts; shows the progress on a terminal. */
export async function comparedWith(
  io: Io,
  peer: string,
  signal: AbortSignal,
): Promise<Comparison | null> {
  const found: FoundSubject[] = [];
  let width = 0;
  try {
    for await (const event of io.calls()["audit/compare"]({ peer }, { signal })) {
      if (event.event === "compared") {
        const { event: _event, ...compared } = event;
        return { ...compared, found };
      }
      if (event.event === "subject") found.push(event.found);
      else if (io.terminal().stderr) {
        width = overwrite(io, `${grouped(event.subjects)} compared with ${peer}`, width);
      }
    }
    return null;
  } finally {
    if (width > 0) overwrite(io, "", width);
  }
}

/** The number of subjects on which the trails do not agree. */
const badOf = ({ counts: { differ, only_here, only_there } }: Comparison): number =>
  differ + only_here + only_there;

/** 0 where both trails agree, as far as they can be compared; else 1. */
export const exitOf = (comparison: Comparison): number => (badOf(comparison) === 0 ? 0 : 1);

/** Prints a comparison; returns the exit code. */
export function printComparison(io: Io, comparison: Comparison): number {
  const { peer, counts, found, unlisted } = comparison;
  const { agree, explained, incomparable } = counts;
  const bad = badOf(comparison);
  const all = agree + explained + incomparable + bad;
  printLine(io, `compared with ${peer}: ${counted(all, "subject")}, ${grouped(agree)} agree`);
  for (const [text, count] of groupedReasons(peer, found)) {
    printLine(io, `${grouped(count)} ${text}`);
  }
  const ids = found.map(({ subject_id }) => subject_id);
  const accused = found.flatMap((each) => rowOf(peer, each, ids));
  printTable(io, accused, columns);
  if (unlisted > 0) printLine(io, `${counted(unlisted, "more subject")} not listed`);
  if (bad === 0) return exitOf(comparison);
  const ended = bad === 1 ? "1 subject does not agree" : `${grouped(bad)} subjects do not agree`;
  printLine(io, { text: `${ended}: peernet show ID, here and on ${peer}`, style: "bad" });
  return exitOf(comparison);
}

const columns: readonly Column[] = [{ gap: 2 }, { gap: 2 }, { gap: 2 }];

/** The line of a subject on which the trails do not agree. */
function rowOf(peer: string, found: FoundSubject, ids: readonly string[]): readonly Row[] {
  const text = accusation(peer, found);
  if (text === null) return [];
  const { verb, subject_id, age_ms } = found;
  const cells = [verb, shortId(subject_id, ids), ageText(age_ms), { text, style: "bad" as const }];
  return [{ cells }];
}

function accusation(peer: string, found: FoundSubject): string | null {
  switch (found.verdict) {
    case "differs":
      return `differs in its ${fields[found.field]}`;
    case "only_here":
      return `only here: ${peer} has no record of it`;
    case "only_there":
      return `only on ${peer}: this machine has no record of it`;
    default:
      return null;
  }
}

const fields = {
  direction: "direction",
  verb: "kind",
  outcome: "outcome",
  content: "content",
  facts: "handle, thread, question, path or document",
  bytes: "size",
} as const;

/** The honest differences and the incomparable subjects, counted by their reason. */
function groupedReasons(
  peer: string,
  found: readonly FoundSubject[],
): readonly (readonly [text: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const each of found) {
    const text = reasonOf(peer, each);
    if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts];
}

function reasonOf(peer: string, found: FoundSubject): string | null {
  if (found.verdict === "explained") {
    const name = found.side === "here" ? "this machine" : peer;
    return explanations[found.why](name, found.verb);
  }
  if (found.verdict !== "incomparable") return null;
  const where = found.side === "here" ? "here" : `on ${peer}`;
  return `cannot be compared: ${incomparables[found.why](where)}`;
}

const incomparables: Readonly<Record<Incomparable, (where: string) => string>> = {
  archived: (where) => `older than the archive ${where}`,
  before_pairing: () => "from before the latest pairing",
  unknown_verb: (where) => `of a kind that only the version ${where} knows`,
  too_many: (where) => `too many records ${where}`,
};

const explanations: Readonly<Record<Explanation, (name: string, verb: string) => string>> = {
  unanswered: (name, verb) => `${verb}: not on record on ${name}, which told no result of it`,
  answer_lost: (name, verb) => `${verb}: told in full, and not received by ${name}`,
  interrupted: (name, verb) => `${verb}: the daemon of ${name} ended abruptly around it`,
  no_end_yet: (name, verb) => `${verb}: ${name} has not recorded its end yet`,
  queued: (name, verb) => `${verb}: queued, and not yet with ${name}`,
  restored: (name, verb) => `${verb}: lost by ${name}, which was restored from an older state`,
};
