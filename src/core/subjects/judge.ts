/** Judges one subject by the records of both machines. */

import { subjectRecordsMax } from "../../contract/subjects/limits.ts";
import type { ToldRecord } from "../../contract/subjects/subjects.ts";
import { timeOf } from "./interruptions.ts";
import { endedByMs, isEndUnwritten, rules } from "./rules.ts";
import { differs, explained, type Side, type Trail, type Verdict, type Where } from "./sides.ts";

/** The records of one subject on both machines; one of the two lists may be empty. */
export interface Subject {
  readonly id: string;
  readonly here: readonly ToldRecord[];
  readonly there: readonly ToldRecord[];
}

/** The two trails. */
export interface Trails {
  readonly here: Trail;
  readonly there: Trail;
}

/** Judges a subject of which at least one machine has a record. */
export function judge({ id, here, there }: Subject, trails: Trails): Verdict {
  const all = [...here, ...there];
  const tooMany = [here, there].findIndex(({ length }) => length > subjectRecordsMax);
  if (tooMany >= 0) return incomparable("too_many", tooMany === 0 ? "here" : "there");
  const [verb = "", ...otherVerbs] = new Set(all.map((record) => record.verb));
  if (otherVerbs.length > 0) return differs("verb");
  const directions = (records: readonly ToldRecord[]) => [
    ...new Set(records.map(({ direction }) => direction)),
  ];
  const [ours, ...otherOurs] = directions(here);
  const [theirs, ...otherTheirs] = directions(there);
  const isBoth = otherOurs.length + otherTheirs.length > 0 || ours === theirs;
  if (isBoth) return differs("direction");
  const rule = rules[verb];
  if (rule === undefined) return incomparable("unknown_verb", here.length > 0 ? "here" : "there");
  const sideHere: Side = { where: "here", records: here, ...trails.here };
  const sideThere: Side = { where: "there", records: there, ...trails.there };
  const isOurs = ours === "out" || theirs === "in";
  return isOurs
    ? rule({ id, asker: sideHere, answerer: sideThere })
    : rule({ id, asker: sideThere, answerer: sideHere });
}

const incomparable = (why: "too_many" | "unknown_verb", side: Where): Verdict => ({
  ...{ verdict: "incomparable", why, side },
});

/** True for a verdict for which no honest reason is known. */
export const accuses = ({ verdict }: Verdict): boolean =>
  verdict === "differs" || verdict === "only_here" || verdict === "only_there";

/** A question without an end, and the rest of its machine's trail. */
export interface Open {
  readonly id: string;
  readonly side: Where;
  readonly ageMs: number;
}

/** Judges a question without an end, once both trails were read. */
export function judgeOpen({ id, side, ageMs }: Open, trail: Trail, lastEnded: string): Verdict {
  const at: Side = { where: side, records: [], ...trail };
  if (isEndUnwritten(at, id)) return explained(at, "interrupted");
  // Ends are written in their order: one of a much later question shows that this one is gone.
  const isLeftBehind = ageMs > endedByMs && timeOf(lastEnded) - timeOf(id) > endedByMs;
  return isLeftBehind ? differs("outcome") : explained(at, "no_end_yet");
}
