/**
 * Delegated tasks under a schedule that a seed decides: the product's tasks, outbox, pairing and
 * store on two machines, each with a keeper and supervisors that outlive the daemon. People submit,
 * repeat, approve, refuse, stop, say more and discard; daemons, keepers and supervisors end at any
 * step; replies are lost, policies and programs change, and rows grow old.
 *
 * A run that failed is lived again by PEERNET_TEST_SEED and PEERNET_TEST_SEEDS=1.
 */

import { expect, test } from "bun:test";
import { figure } from "../../faults/measure.ts";
import { taskPlants } from "./plants.ts";
import { simulateTasks, type TaskOutcome } from "./run.ts";

/** The largest number of seeds for a planted mistake. */
const seedsMax = 1_000;
const count = Number(
  process.env.PEERNET_TEST_SEEDS ?? (process.env.PEERNET_TEST_LONG ? 5_000 : 40),
);
const first = Number(process.env.PEERNET_TEST_SEED ?? 1);
const patienceMs = 60_000 + count * 2_000;

type Counts = TaskOutcome["counts"];

test(
  `nothing that must hold of tasks is broken in ${count} runs`,
  async () => {
    const startedMs = performance.now();
    const sums: Partial<Record<keyof Counts, number>> = {};
    for (let seed = first; seed < first + count; seed += 1) {
      const { violations, counts } = await simulateTasks(seed);
      const again = `PEERNET_TEST_SEED=${seed} PEERNET_TEST_SEEDS=1`;
      expect([again, ...violations]).toEqual([again]);
      for (const key of Object.keys(counts) as (keyof Counts)[]) {
        sums[key] = (sums[key] ?? 0) + counts[key];
      }
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    figure("R12s", { seeds: count, violations: 0, ...sums, seconds });
    // The runs are about something.
    if (count < 40) return;
    expect(sums.started).toBeGreaterThan(count);
    expect(sums.approved).toBeGreaterThan(count);
    expect(sums.told).toBeGreaterThan(count);
    expect(sums.lost).toBeGreaterThan(0);
    expect(sums.rounds).toBeGreaterThan(0);
  },
  patienceMs,
);

test("a run of tasks is lived again from its seed", async () => {
  for (const seed of [7, 8]) {
    expect(await simulateTasks(seed)).toEqual(await simulateTasks(seed));
  }
});

for (const { name, found, variant } of taskPlants) {
  test(
    `a planted mistake is found: ${name}`,
    async () => {
      for (let seed = 1; seed <= seedsMax; seed += 1) {
        const { violations } = await simulateTasks(seed, variant());
        const violation = violations.find((each) => found.test(each));
        if (violation === undefined) continue;
        console.log(`found by seed ${seed}: ${name}: ${violation}`);
        return;
      }
      throw new Error(`not found in ${seedsMax} runs`);
    },
    60_000 + seedsMax * 1_000,
  );
}
