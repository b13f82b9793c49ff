/**
 * Simulates the costs of many machines: every hello of every pair for ten minutes, at the product's
 * intervals, and the return of a machine that all others had lost. usage: fleet.ts
 */

import type { z } from "zod";
import { helloJitter, helloMs, helloPauseMaxMs, helloPauseMs } from "../src/contract/limits.ts";
import type { HelloInput } from "../src/contract/peer.ts";
import { seededRandom } from "../test/support/effects.ts";

/** A fleet: so many machines, each paired with so many others. */
export interface Fleet {
  readonly name: string;
  readonly machines: number;
  readonly peersEach: number;
}

/** The fleets of the document. */
export const fleets: readonly Fleet[] = [
  { name: "100, each with each", machines: 100, peersEach: 99 },
  { name: "10,000, each with 16", machines: 10_000, peersEach: 16 },
  { name: "10,000 at 10 hubs: a hub", machines: 1, peersEach: 1_000 },
];

/** Costs of one machine of a fleet. */
export interface Cost {
  readonly meanPerSecond: number;
  readonly peakPerSecond: number;
  readonly bytesPerSecond: number;
  readonly recordsPerDay: number;
  /** The time until 99 of 100 peers have a machine back that was away for an hour. */
  readonly returnedAfterS: number;
}

const seconds = 600;
const random = seededRandom(20_261_130);
const part = (): number => random.integer(1_000_000) / 1_000_000;
const varied = (pauseMs: number): number => pauseMs * (1 - helloJitter + 2 * helloJitter * part());

/** Hellos of one machine in each second: its own, and those of its peers. */
function perSecond({ peersEach }: Fleet): readonly number[] {
  const counts = Array.from({ length: seconds }, () => 0);
  for (let sender = 0; sender < 2 * peersEach; sender += 1) {
    for (let atMs = part() * helloMs; atMs < seconds * 1_000; atMs += varied(helloMs)) {
      const second = Math.floor(atMs / 1_000);
      counts[second] = (counts[second] ?? 0) + 1;
    }
  }
  return counts;
}

/** Milliseconds after its return until a peer's next attempt, of a peer that had lost it. */
function foundAfterMs(awayMs: number): number {
  let atMs = 0;
  for (let failures = 1; atMs < awayMs; failures += 1) {
    atMs += varied(Math.min(helloPauseMaxMs, helloPauseMs * 2 ** Math.min(failures - 1, 10)));
  }
  return atMs - awayMs;
}

/** A hello of a machine with four sessions, as it crosses; its answer is about as long. */
const session = {
  ...{ name: "hydrate", project: "hydrate", state: "working", state_for_ms: 240_000 },
  ...{ expires_in_ms: 61_000, harness: "claude-code", branch: "main", sha: "91c0d7e", dirty: 3 },
  summary: "Port the sync client to streaming; two tests still red",
} as const;
const checkpoint = {
  ...{ trail_id: "0197a4c2-7f3a-7c1e-9d2b-3f6f0a1b2c3d", seq: 81_234, at_ms: 1_796_060_000_000 },
  ...{ hash: "0".repeat(64), signature: "A".repeat(86) },
};
const hello: z.input<typeof HelloInput> = {
  ...{ version: "0.1.0", protocols: [1], features: ["grants", "trail", "waits", "messages"] },
  ...{ scopes: ["ask"], grants: [{ scope: "ask", names: null, expires_in_ms: null }] },
  ...{ checkpoint, witness: checkpoint, port: 7_337 },
  handles: [session, session, session, session],
};
/** A token and the other fields of a head, both ways. */
const headBytes = 1_100;
const helloBytes = 2 * JSON.stringify(hello).length + headBytes;

/** Simulates a fleet. */
export function costOf(fleet: Fleet): Cost {
  const { peersEach } = fleet;
  // Every machine of a fleet does the same: some of them show the peak.
  const samples = Array.from({ length: Math.min(fleet.machines, 50) }, () => perSecond(fleet));
  const all = samples.flat();
  const mean = all.reduce((sum, count) => sum + count, 0) / all.length;
  const sorted = all.toSorted((one, other) => one - other);
  const returns = Array.from({ length: 10_000 }, () => foundAfterMs(3_600_000)).sort(
    (a, b) => a - b,
  );
  return {
    meanPerSecond: mean,
    peakPerSecond: sorted[Math.floor(sorted.length * 0.999)] ?? 0,
    bytesPerSecond: mean * helloBytes,
    // Hellos are counted: one record an hour and peer.
    recordsPerDay: 24 * peersEach,
    returnedAfterS: (returns[Math.floor(returns.length * 0.99)] ?? 0) / 1_000,
  };
}

/** The table of the document. */
export function fleetTable(): string {
  const rows = fleets.map((fleet) => {
    const cost = costOf(fleet);
    return [
      ...[fleet.name, cost.meanPerSecond.toFixed(1), String(cost.peakPerSecond)],
      ...[`${(cost.bytesPerSecond / 1_024).toFixed(1)} KiB`, String(cost.recordsPerDay)],
      `${Math.ceil(cost.returnedAfterS)} s`,
    ];
  });
  const head = [
    ...["a machine of", "hellos a second", "in the busiest second"],
    ...["bytes a second", "records a day", "known to be back within"],
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

if (import.meta.main) process.stdout.write(`${fleetTable()}\n`);
