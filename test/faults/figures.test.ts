/** Figures of leases and of revocation that follow from decisions: counted, not timed. */

import { expect, test } from "bun:test";
import { heartbeatMs, leaseLifeMs, revokeMs } from "../../src/contract/limits.ts";
import { answerPeer } from "../../src/core/ask.ts";
import { type Lease, type Now, renew } from "../../src/core/sessions/lease.ts";
import { activation, world } from "../core/sessions/lease-world.ts";
import { askFor, askOn, endOf } from "../daemon/attack/asking.ts";
import { enrol } from "../daemon/attack/pairing.ts";
import { machine, session } from "../support/daemon.ts";
import { holding } from "../support/grants.ts";
import { type Draw, drawFrom } from "../support/histories.ts";
import { faultsWanted } from "../support/skip.ts";
import { figure, quantile } from "./measure.ts";

const seed = Number(process.env.PEERNET_TEST_SEED ?? 1);

/** A lease as a session takes it. */
async function aLease(): Promise<Lease> {
  using of = world(1);
  await of.handlers.activate(activation(0, "hydrate"), of.caller());
  const [lease] = of.context.tables.leases.all();
  if (lease === undefined) throw new Error("no lease was taken");
  return lease;
}

/** An instant around the deadline of a lease, or anywhere. */
function anyInstant(draw: Draw, lease: Lease): number {
  const deadline = lease.renewed_boot_ms + leaseLifeMs;
  return draw.oneIn(2)
    ? deadline + draw.between(-2, 2)
    : lease.renewed_boot_ms + draw.below(3 * leaseLifeMs);
}

test("an expired lease is served in none of so many checks", async () => {
  const checks = faultsWanted ? 1_000_000 : 100_000;
  const lease = await aLease();
  const draw = drawFrom(seed);
  let served = 0;
  let wrong = 0;
  for (let check = 0; check < checks; check += 1) {
    const bootMs = anyInstant(draw, lease);
    const now: Now = { bootMs, run: { id: lease.run, started_boot_ms: 0 } };
    const { ok } = answerPeer(
      { grants: holding("ask"), name: lease.name, at: { wallMs: 0, bootMs: 0 } },
      [lease],
      now,
    );
    served += ok ? 1 : 0;
    if (ok !== bootMs - lease.renewed_boot_ms < leaseLifeMs) wrong += 1;
  }
  figure("R2", { checks, served, expired_served: wrong });
  expect(wrong).toBe(0);
  expect(served).toBeGreaterThan(checks / 10);
});

test("a lease of which single beats are lost expires in none of so many hours", async () => {
  const hours = faultsWanted ? 10_000 : 1_000;
  const first = await aLease();
  const draw = drawFrom(seed);
  const run = { id: first.run, started_boot_ms: 0 };
  let lease = first;
  let lost = 0;
  let falsely = 0;
  let wasLost = false;
  let bootMs = lease.renewed_boot_ms;
  for (let beat = 0; beat < (hours * 3_600_000) / heartbeatMs; beat += 1) {
    // A beat is sometimes late, as a busy machine's timers are.
    bootMs += heartbeatMs + draw.below(2_000);
    const now = { bootMs, run };
    const asked = answerPeer(
      { grants: holding("ask"), name: lease.name, at: { wallMs: 0, bootMs: 0 } },
      [lease],
      now,
    );
    if (!asked.ok) falsely += 1;
    wasLost = !wasLost && draw.oneIn(3);
    if (wasLost) lost += 1;
    else lease = renew(lease, now, undefined);
  }
  figure("R3", { simulated_hours: hours, beats_lost: lost, false_expiries: falsely });
  expect(falsely).toBe(0);
});

test("a revoked peer is answered no more, and its connections are closed in time", async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  const rounds = faultsWanted ? 50 : 5;
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const peer = await enrol(on, { name: `peer-${round}` });
    using connection = await peer.connect();
    expect(endOf(await askOn(connection, peer))).toBe("200");
    const startedMs = performance.now();
    await on.calls.unpair({ name: `peer-${round}` });
    await connection.closed;
    times.push(performance.now() - startedMs);
    using again = await peer.connect();
    expect(endOf(await askOn(again, peer, askFor()))).toBe("unauthenticated");
  }
  figure("R5", { rounds, worst_ms: Math.max(...times), p50_ms: quantile(times, 0.5) });
  expect(Math.max(...times)).toBeLessThan(revokeMs);
}, 60_000);
