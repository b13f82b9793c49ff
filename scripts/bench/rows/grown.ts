/** P13: an ask of a machine that has grown, beside one that has not. */

import { inTurn, timed } from "../measure.ts";
import { activated, machine } from "../parts.ts";
import type { Row } from "../results.ts";
import { type Seed, seed } from "../seeds.ts";
import { type Ask, askingInTurn } from "../wire.ts";
import type { Told } from "./asks.ts";

/** The size that a machine may have grown to. */
export interface Grown extends Seed {
  readonly leases?: number;
}

/** A machine that holds so much, and a way to ask it for the one handle that all have. */
export async function grown(size: Grown) {
  const on = machine("mini");
  const askers = await seed(on, { ...size, askers: 32 });
  const { address, pid } = await on.start();
  await activated(on, "bench");
  const others = Math.max(0, (size.leases ?? 1) - 1);
  for (let at = 0; at < others; at += 1) await lease(on, at);
  // Connected to when all are ready: one that says nothing for five seconds is let go.
  return { on, pid, connect: () => askingInTurn(address, askers) };
}

/** A lease of a process of its own that lives as long as this one. */
const lease = ({ calls }: Pick<Awaited<ReturnType<typeof grown>>["on"], "calls">, at: number) =>
  calls.activate({
    harness: "shell",
    session_id: `session-${at}`,
    process: { pid: process.pid, start_time: `1${at}` },
    cwd: "/",
    project: "bench",
    git: null,
    name: `other-${at}`,
  });

const sizes: Readonly<Record<string, Grown>> = {
  "10⁶ audit records": { records: 1_000_000 },
  "256 leases": { leases: 256 },
  "1,000 peers": { peers: 968 },
};

/** Each kind of growth beside a machine without it, in one run. */
export async function p13({ rounds }: Told): Promise<readonly Row[]> {
  const small = await grown({});
  const machines: [string, Awaited<ReturnType<typeof grown>>][] = [];
  for (const [name, size] of Object.entries(sizes)) machines.push([name, await grown(size)]);
  const none = await small.connect();
  const large: [string, Ask][] = [];
  for (const [name, { connect }] of machines) large.push([name, await connect()]);
  const contestants = Object.fromEntries([
    ["none", () => timed(none)] as const,
    ...large.map(([name, ask]) => [name, () => timed(ask)] as const),
  ]);
  const taken = await inTurn(contestants, { rounds: rounds * 10, warmUp: 60 });
  return large.map(([name], at) => ({
    id: `P13${"abc"[at]}`,
    metric: `ask with ${name}`,
    unit: "ms",
    ours: taken[name] ?? [],
    comparator: "the same with none",
    theirs: taken.none ?? [],
    goal: 1.1,
    moonshot: 1,
  }));
}
