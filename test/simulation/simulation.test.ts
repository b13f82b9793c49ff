/**
 * The protocol's core under a schedule that a seed decides: leases with hooks, windows and their
 * attempts, grants, links, hellos, asks, waits, mail and the trail, on two machines that crash,
 * sleep and lose what they send. In a quarter of the runs one of them cannot be dialled.
 *
 * As many seeds as one likes: scripts/test.sh --seeds 1000000. A run that failed
 * is lived again by PEERNET_TEST_SEED and PEERNET_TEST_SEEDS=1.
 */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { figure } from "../faults/measure.ts";
import { added, live, type Sums } from "./many.ts";
import { plants } from "./plants.ts";
import { mailPlants } from "./plants-mail.ts";
import { waitPlants } from "./plants-waits.ts";
import { type Outcome, simulate } from "./run.ts";

/** The largest number of seeds in a run of the test command, and for a planted mistake. */
const seedsMax = 1_000;
const count = Number(
  process.env.PEERNET_TEST_SEEDS ?? (process.env.PEERNET_TEST_LONG ? 20_000 : seedsMax),
);
const first = Number(process.env.PEERNET_TEST_SEED ?? 1);
const patienceMs = 60_000 + count * 500;

/** Lives half of the seeds in another process, beside the other half here. */
async function liveAll(): Promise<Sums> {
  const half = Math.floor(count / 2);
  const program = [join(import.meta.dir, "many.ts"), String(first), String(half)];
  const child = Bun.spawn([process.execPath, ...program], { stdout: "pipe", stderr: "inherit" });
  const own = await live(first + half, count - half);
  const out = await new Response(child.stdout).text();
  // Its last line is what it adds up to, in the form that this process makes too.
  return added(own, JSON.parse(out.trim().split("\n").at(-1) ?? "") as Sums);
}

test(
  `nothing that must hold is broken in ${count} runs`,
  async () => {
    const startedMs = performance.now();
    const { violation, hours, ...sums } = await liveAll();
    figure("R10", {
      seeds: count,
      violations: violation === null ? 0 : 1,
      ...sums,
      simulated_hours: hours,
      seconds: (performance.now() - startedMs) / 1_000,
    });
    expect(violation).toBeNull();
    // The runs are about something.
    if (count < seedsMax) return;
    expect(sums.answers).toBeGreaterThan(5 * count);
    expect(sums.repeats).toBeGreaterThan(2 * count);
    expect(sums.carried).toBeGreaterThan(count / 2);
    expect(sums.confirms).toBeGreaterThan(count);
    expect(sums.told).toBeGreaterThan(10 * count);
    expect(sums.reached).toBeGreaterThan(count / 5);
    expect(sums.gone).toBeGreaterThan(count / 2);
    expect(sums.written).toBeGreaterThan(2 * count);
    expect(sums.surfaced).toBeGreaterThan(count / 4);
  },
  patienceMs,
);

test("a run is lived again from its seed, here and in another process", async () => {
  const seeds = [7, 8, 9, 10];
  const histories: string[] = [];
  for (const seed of seeds) histories.push((await simulate(seed)).history);
  expect(new Set(histories).size).toBe(seeds.length);
  for (const [at, seed] of seeds.entries()) {
    expect((await simulate(seed)).history).toBe(histories[at] ?? "");
  }
  const program = join(import.meta.dir, "one.ts");
  const { stdout } = Bun.spawnSync([process.execPath, program, ...seeds.map(String)]);
  expect(stdout.toString().trim().split("\n").slice(-seeds.length)).toEqual(histories);
});

for (const { name, found, variant } of [...plants, ...waitPlants, ...mailPlants]) {
  test(
    `a planted mistake is found: ${name}`,
    async () => {
      for (let seed = 1; seed <= seedsMax; seed += 1) {
        const outcome: Outcome = await simulate(seed, variant());
        const violation = outcome.violations.find((each) => found.test(each));
        if (violation === undefined) continue;
        console.log(`found by seed ${seed}: ${name}: ${violation}`);
        return;
      }
      throw new Error(`not found in ${seedsMax} runs`);
    },
    patienceMs,
  );
}
