/** Compares two trails that are whole in memory, by the product's own rules. */

import type { ToldRecord } from "../../src/contract/subjects/subjects.ts";
import { judge, judgeOpen, type Trails } from "../../src/core/subjects/judge.ts";
import type { Verdict } from "../../src/core/subjects/sides.ts";

/** The records of two machines about each other. */
export interface Compared {
  readonly here: readonly ToldRecord[];
  readonly there: readonly ToldRecord[];
  readonly trails: Trails;
}

/** The verdict on each subject. */
export function verdictsOf({ here, there, trails }: Compared): ReadonlyMap<string, Verdict> {
  const sides = { here: grouped(here), there: grouped(there) };
  const lastEnded = { here: lastEndedIn(here), there: lastEndedIn(there) };
  const ids = new Set([...sides.here.keys(), ...sides.there.keys()]);
  const verdictOf = (id: string): Verdict => {
    const records = { here: sides.here.get(id) ?? [], there: sides.there.get(id) ?? [] };
    const verdict = judge({ id, ...records }, trails);
    if (verdict.verdict !== "open") return verdict;
    const { side } = verdict;
    const ageMs = Math.min(...records[side].map(({ age_ms }) => age_ms));
    return judgeOpen({ id, side, ageMs }, trails[side], lastEnded[side]);
  };
  return new Map([...ids].sort().map((id) => [id, verdictOf(id)]));
}

const grouped = (records: readonly ToldRecord[]) =>
  Map.groupBy(records, ({ subject_id }) => subject_id);

const lastEndedIn = (records: readonly ToldRecord[]): string =>
  records
    .filter(({ verb, direction }) => verb === "ask" && direction === "out")
    .flatMap(({ subject_id, outcome }) => (outcome === "asked" ? [] : [subject_id]))
    .sort()
    .at(-1) ?? "";
