/** P24: an ask of a machine whose outbox drains to another peer, beside one whose outbox is empty. */

import { join } from "node:path";
import { seal } from "../../../src/core/audit-chain.ts";
import { sha256 } from "../../../src/platform/real.ts";
import { openStore } from "../../../src/store/database.ts";
import { inTurn, timed } from "../measure.ts";
import { activated, eventually, type Machine, machine, pairTwo } from "../parts.ts";
import type { Row } from "../results.ts";
import { seed } from "../seeds.ts";
import { askingInTurn } from "../wire.ts";
import type { Told } from "./asks.ts";

/** Entries that wait: more than leave during the measurement, at the rate that the peer allows. */
const entries = 4_000;

/** Has reports of reached waits wait for the only peer that is no asker. */
async function queue(on: Machine, count: number): Promise<void> {
  const store = openStore({
    path: join(on.folder, "state.db"),
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (run) => run(),
  });
  await store.transact(({ outbox, waits, peers, leases }) => {
    const to = peers.all().find(({ name }) => name === "laptop");
    const lease = leases.all()[0];
    if (to === undefined || lease === undefined) throw new Error("nobody waits for anything");
    const { fingerprint } = to;
    const { name, lease_id } = lease;
    const due = { outcome: "reached", reason: null } as const;
    for (let number = 0; number < count; number += 1) {
      const wait_id = Bun.randomUUIDv7();
      const since = {
        until: "idle",
        state: null,
        sha: null,
        ends_ms: 1e12,
        renewed_ms: 0,
      } as const;
      waits.putIncoming({ ...since, fingerprint, wait_id, name, lease_id, due });
      const of = { kind: "reached", lane: "control", rank: 1, subject_id: wait_id } as const;
      const fresh = { version: 1, failures: 0, first_failure_ms: null, stuck: false } as const;
      const queued = { scope: "ask", session: null, bytes: 2, body: "{}", queued_ms: 0 } as const;
      outbox.add({ ...of, ...fresh, ...queued, id: Bun.randomUUIDv7(), fingerprint });
    }
    return { value: undefined };
  });
  store.close();
}

/** Ends a daemon as the system does at its end: a stop by hand would be remembered. */
async function endOf(pid: number): Promise<void> {
  process.kill(pid, "SIGTERM");
  await eventually(async () => {
    if (isAlive(pid)) throw new Error("the daemon has not ended");
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A machine with askers and a paired laptop, for which so many entries wait. */
async function withEntries(count: number) {
  const on = machine("mini");
  const askers = await seed(on, { askers: 32 });
  const { address, pid } = await on.start();
  const laptop = machine("laptop");
  await laptop.start();
  await pairTwo(on, laptop, address);
  await activated(on, "bench");
  await endOf(pid);
  await queue(on, count);
  const again = await on.start();
  await activated(on, "bench");
  const left = async () => (await on.calls.status({})).outbox[0]?.entries ?? 0;
  return { ask: await askingInTurn(again.address, askers), left };
}

/** An ask beside a drain, which takes turns with an ask of a machine without one. */
export async function p24({ rounds }: Told): Promise<readonly Row[]> {
  const quiet = await withEntries(0);
  const busy = await withEntries(entries);
  const before = await busy.left();
  const startedMs = performance.now();
  const taken = await inTurn(
    { ours: () => timed(busy.ask), theirs: () => timed(quiet.ask) },
    { rounds: rounds * 40, warmUp: 60 },
  );
  const after = await busy.left();
  const perSecond = Math.round((before - after) / ((performance.now() - startedMs) / 1_000));
  if (after === 0 || perSecond < 1) throw new Error("the outbox did not drain all the time");
  return [
    {
      id: "P24",
      metric: `ask, beside an outbox that drains ${perSecond} entries a second to another peer`,
      unit: "ms",
      comparator: "the same beside an empty outbox",
      ...{ goal: 1.2, moonshot: 1 },
      ...taken,
    },
  ];
}
