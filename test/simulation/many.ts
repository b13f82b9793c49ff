/** Many runs, one after another, and what they add up to; as a program it takes first and count. */

import { simulate } from "./run.ts";

/** The sums of several runs. */
export interface Sums {
  readonly asks: number;
  readonly answers: number;
  readonly repeats: number;
  readonly carried: number;
  readonly confirms: number;
  /** Handles that hellos told. */
  readonly told: number;
  readonly verified: number;
  /** Subjects on which two trails were compared. */
  readonly compared: number;
  /** Waits that were begun, were reached, and ended because the handle was gone. */
  readonly waits: number;
  readonly reached: number;
  readonly gone: number;
  /** Messages that were written, came into a context, and stages that were judged. */
  readonly written: number;
  readonly surfaced: number;
  readonly proofs: number;
  readonly hours: number;
  /** The first violation, with the seed that lives it again. */
  readonly violation: string | null;
}

const none: Sums = {
  asks: 0,
  answers: 0,
  repeats: 0,
  carried: 0,
  confirms: 0,
  told: 0,
  verified: 0,
  compared: 0,
  waits: 0,
  reached: 0,
  gone: 0,
  written: 0,
  surfaced: 0,
  proofs: 0,
  hours: 0,
  violation: null,
};

/** Adds up. */
export const added = (one: Sums, other: Sums): Sums => ({
  asks: one.asks + other.asks,
  answers: one.answers + other.answers,
  repeats: one.repeats + other.repeats,
  carried: one.carried + other.carried,
  confirms: one.confirms + other.confirms,
  told: one.told + other.told,
  verified: one.verified + other.verified,
  compared: one.compared + other.compared,
  waits: one.waits + other.waits,
  reached: one.reached + other.reached,
  gone: one.gone + other.gone,
  written: one.written + other.written,
  surfaced: one.surfaced + other.surfaced,
  proofs: one.proofs + other.proofs,
  hours: one.hours + other.hours,
  violation: one.violation ?? other.violation,
});

/** Lives the runs of so many seeds, up to the first violation. */
export async function live(first: number, count: number): Promise<Sums> {
  let sums = none;
  for (let seed = first; seed < first + count && sums.violation === null; seed += 1) {
    const { violations, counts, simulatedMs } = await simulate(seed);
    const again = `PEERNET_TEST_SEED=${seed} PEERNET_TEST_SEEDS=1: ${violations.join("; ")}`;
    const violation = violations.length === 0 ? null : again;
    sums = added(sums, { ...counts, hours: simulatedMs / 3_600_000, violation });
  }
  return sums;
}

if (import.meta.main) {
  const [first, count] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(await live(first ?? 1, count ?? 1)));
}
