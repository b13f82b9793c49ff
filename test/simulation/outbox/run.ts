/** One run of an outbox: a sender that crashes, and a peer that stores, for some minutes. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acts } from "./acts.ts";
import type { OutboxJudge } from "./judge.ts";
import type { OutboxVariant } from "./variant.ts";
import { outboxWorld } from "./world.ts";

const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** The result of a run. */
export interface OutboxOutcome {
  readonly violations: readonly string[];
  readonly counts: OutboxJudge["counts"];
}

/** The time within which everything that waits arrives once nothing is in the way. */
const settleMs = 900_000;

/** Lives one run. Equal seeds and variants give equal outcomes. */
export async function simulateOutbox(
  seed: number,
  variant: OutboxVariant = {},
): Promise<OutboxOutcome> {
  const folder = mkdtempSync(join(memory, "peernet-outbox-"));
  const world = outboxWorld({ seed, variant, path: join(folder, "0.db") });
  const { time, network, peer, disk, judge } = world;
  try {
    acts(world);
    await time.run(120_000 + 60_000 * time.draw.below(4));
    world.isQuiet = true;
    network.heal();
    Object.assign(peer, { failsUntilMs: 0, slowUntilMs: 0 });
    disk.isFull = false;
    for (const endMs = time.nowMs + settleMs; time.nowMs < endMs; ) {
      await time.run(time.nowMs + 10_000);
      if (world.sender() !== null && disk.tables.outbox.peers().length === 0) break;
    }
    const left = disk.tables.outbox.all(1_000).map(({ id }) => id);
    judge.over(disk.tables.audit.next({ afterSeq: 0, all: true }, 100_000), left);
    return { violations: judge.violations, counts: judge.counts };
  } finally {
    world.everyone.isOver = true;
    disk.close();
    rmSync(folder, { recursive: true });
  }
}
