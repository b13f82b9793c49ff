/**
 * The outbox under a schedule that a seed decides: the product's delivery, grants and store, on a
 * machine that crashes, boots with a wrong clock, has a full disk and is restored from a backup,
 * and a peer that is away, fails and asks for pauses.
 */

import { expect, test } from "bun:test";
import { figure } from "../../faults/measure.ts";
import { outboxPlants } from "./plants.ts";
import { simulateOutbox } from "./run.ts";

/** The largest number of seeds for a planted mistake. */
const seedsMax = 1_000;
const count = Number(
  process.env.PEERNET_TEST_SEEDS ?? (process.env.PEERNET_TEST_LONG ? 20_000 : 300),
);
const first = Number(process.env.PEERNET_TEST_SEED ?? 1);
const patienceMs = 60_000 + count * 1_000;

test(
  "P54: What waits for a peer is stored there once and in the order of its subject, unless a " +
    "grant, a pairing, a person or 7 days end it.",
  async () => {
    const sums = { queued: 0, stored: 0, repeated: 0 };
    for (let seed = first; seed < first + count; seed += 1) {
      const { violations, counts } = await simulateOutbox(seed);
      const again = `PEERNET_TEST_SEED=${seed} PEERNET_TEST_SEEDS=1`;
      expect([again, ...violations]).toEqual([again]);
      sums.queued += counts.queued;
      sums.stored += counts.stored;
      sums.repeated += counts.repeated;
    }
    figure("R11", { seeds: count, lost: 0, twice: 0, out_of_order: 0, ...sums });
    // The runs are about something.
    if (count < 100) return;
    expect(sums.stored).toBeGreaterThan(20 * count);
    expect(sums.repeated).toBeGreaterThan(count);
  },
  patienceMs,
);

test("a run of the outbox is lived again from its seed", async () => {
  for (const seed of [7, 8, 9]) {
    expect(await simulateOutbox(seed)).toEqual(await simulateOutbox(seed));
  }
});

for (const { name, found, variant } of outboxPlants) {
  test(
    `a planted mistake is found: ${name}`,
    async () => {
      for (let seed = 1; seed <= seedsMax; seed += 1) {
        const { violations } = await simulateOutbox(seed, variant);
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
