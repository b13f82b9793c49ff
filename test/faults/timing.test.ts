/** The time of an answer reveals nothing that a peer may not see. */

import { expect, test } from "bun:test";
import { refuse } from "../../src/contract/errors.ts";
import { leaseLifeMs } from "../../src/contract/limits.ts";
import { seal } from "../../src/core/audit-chain.ts";
import { Trail } from "../../src/daemon/audit/trail.ts";
import { type Context, createContext } from "../../src/daemon/context/context.ts";
import { waysOf } from "../../src/daemon/delivery/ways.ts";
import { Finder } from "../../src/daemon/links/finder.ts";
import { Links } from "../../src/daemon/links/links.ts";
import { RefusalCounts } from "../../src/daemon/network/refusals.ts";
import { answeringOverlap } from "../../src/daemon/overlap/incoming.ts";
import { LocalChanges } from "../../src/daemon/overlap/local.ts";
import { PairingWindow } from "../../src/daemon/pairing/window.ts";
import { answeringHandlers } from "../../src/daemon/peer-handlers.ts";
import { newPeer } from "../../src/daemon/peers/grants.ts";
import { PeerMemories } from "../../src/daemon/peers/memories.ts";
import { noNotices } from "../../src/daemon/post.ts";
import { instantOf } from "../../src/platform/effects.ts";
import { openStore } from "../../src/store/database.ts";
import type { PeerRow } from "../../src/store/peers.ts";
import { activation, type World, world } from "../core/sessions/lease-world.ts";
import { connectionOf } from "../simulation/machine.ts";
import { holding } from "../support/grants.ts";
import { noTasks } from "../support/no-tasks.ts";
import { noReads } from "../support/readers.ts";
import { faultsWanted } from "../support/skip.ts";
import { figure } from "./measure.ts";

/** Samples of each kind. */
const wanted = faultsWanted ? 100_000 : 2_000;
/** The size at which a trail is replaced, so that it does not grow for ever. */
const atOnce = 2_000;

type Times = readonly [readonly number[], readonly number[]];

/** The share of times, fastest first, that is judged. */
type Share = 0.75 | 1;

/**
 * Two rows of times: Welch's t of the fastest share of both together. The slowest quarter is what
 * garbage collection, other processes and the disk add to any ask alike: it says nothing of the
 * name, yet its variance is most of all, and t divides by that, so that a difference drowns in it.
 * Cut at one time for both, a name that were often slower would still lose more of its samples.
 */
function welch([one, other]: Times, share: Share): number {
  const all = [...one, ...other].sort((a, b) => a - b);
  const cut = all[Math.floor(all.length * share)] ?? Number.POSITIVE_INFINITY;
  const of = (values: readonly number[]) => {
    const kept = values.filter((value) => value < cut);
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    const squares = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, error: squares / (kept.length - 1) / kept.length };
  };
  const [a, b] = [of(one), of(other)];
  return (a.mean - b.mean) / Math.sqrt(a.error + b.error);
}

interface Asker {
  /** Nanoseconds that one ask of a name takes, its record included. */
  ask(name: string, burdenNs?: number): Promise<number>;
  readonly of: World;
}

/** A peer of a machine with some handles, which may see none of them. */
async function asker(scopes: readonly "ask"[]): Promise<Asker & Disposable> {
  const of = world(1);
  const { effects, config, identity, run } = of.context;
  const store = openStore({
    path: ":memory:",
    seal: (previous, draft) => seal(previous, draft, effects.sha256),
    defer: (commit) => commit(),
  });
  const context = createContext({ effects, config, identity, run, store, version: "0" });
  const connection = connectionOf(1);
  const fingerprint = connection.fingerprint ?? "";
  enrol(context, { fingerprint, grants: holding(...scopes) });
  const ask = askOf(context);
  const credential = { fingerprint, jti: "jti", sha256: "0" };
  await of.handlers.activate(activation(0, "hydrate"), of.caller());
  for (const lease of of.context.tables.leases.all()) context.tables.leases.put(lease);
  let monotonicMs = 0;
  return {
    of,
    ask: async (name, burdenNs = 0) => {
      // The quota is not measured here: each ask comes a second after the previous one.
      monotonicMs += 1_000;
      const { uuid } = effects.random;
      const input = { ask_id: uuid(), thread_id: uuid(), handle: name, question: null };
      const caller = { now: { ...instantOf(of.clock), monotonicMs }, connection, credential };
      const startedNs = Bun.nanoseconds();
      burden(burdenNs);
      await Promise.resolve(ask(input, caller)).catch(() => null);
      return Bun.nanoseconds() - startedNs;
    },
    [Symbol.dispose]: () => {
      of[Symbol.dispose]();
      store.close();
    },
  };
}

function enrol(
  { tables }: Context,
  { fingerprint, grants }: Pick<PeerRow, "fingerprint" | "grants">,
): void {
  const token = { jti: "jti", fingerprint, sha256: "0", issued_at_ms: 0, expires_at_ms: 1 };
  const told = { certificate: "", acknowledged: true, exchanged: true, refused: false };
  tables.peers.put({ ...newPeer, ...told, fingerprint, name: "peer", grants, paired_at_ms: 0 });
  tables.peers.putToken({ ...token, used: true });
}

/** The product's handler of asks, alone. */
const askOf = (context: Context) => {
  const memories = new PeerMemories(context);
  const finder = new Finder(context, []);
  const trail = new Trail(context, async () => {});
  const refusals = new RefusalCounts();
  const { counts } = refusals;
  const changed = new LocalChanges(context);
  const answerOverlap = answeringOverlap(context, changed);
  const ways = waysOf(context);
  const compared = { changed, answerOverlap, scopesByPolicy: () => [], ways };
  const alone = { isWatching: () => false, port: () => null, ...compared };
  const unwatched = { memories, finder, trail, counts, ...alone };
  const never = () => Number.POSITIVE_INFINITY;
  const reverse = { carrier: () => null, dueForHello: () => [], dueInMs: never };
  const links = new Links({ context, ...unwatched, reverse, onRefused: () => 0 });
  return answeringHandlers({
    context,
    ...unwatched,
    mail: { context, memories, links, notices: noNotices(context), wake: () => {} },
    window: new PairingWindow(context, () => []),
    refusals,
    greet: async () => {},
    waits: { reached: () => refuse("id_unknown") },
    reads: noReads(context),
    tasks: noTasks(context).answers,
    endConnectionsOf: () => {},
  }).ask;
};

interface Comparing {
  /** The time since the handle's renewal. */
  readonly passedMs: number;
  readonly samples: number;
  /** The added time for the handle's name. */
  readonly burdenNs?: number;
}

/** Lets so much time pass, busily. */
function burden(ns: number): void {
  const endNs = Bun.nanoseconds() + ns;
  while (ns > 0 && Bun.nanoseconds() < endNs);
}

/** Asks two names in a changing order, so many times each; returns the times. */
async function compared(
  scopes: readonly "ask"[],
  { passedMs, samples, burdenNs = 0 }: Comparing,
): Promise<Times> {
  const names = ["hydrate", "missing"] as const;
  const times: [number[], number[]] = [[], []];
  while (times[0].length < samples) {
    using asked = await asker(scopes);
    asked.of.clock.move(passedMs);
    for (let warm = 0; warm < 200; warm += 1) await asked.ask(names[warm % 2 === 0 ? 0 : 1]);
    for (let sample = 0; sample < atOnce && times[0].length < samples; sample += 1) {
      const order = Math.random() < 0.5 ? ([0, 1] as const) : ([1, 0] as const);
      for (const at of order) {
        times[at].push(await asked.ask(names[at], at === 0 ? burdenNs : 0));
      }
    }
  }
  return times;
}

test("a refusal takes as long for a handle as for none, to a peer that may not ask", async () => {
  const times = await compared([], { passedMs: 0, samples: wanted });
  const t = Math.abs(welch(times, 0.75));
  const all_t = Math.abs(welch(times, 1));
  figure("T20", { samples: wanted, hidden_by_scope_t: t, hidden_by_scope_all_t: all_t });
  expect(t).toBeLessThan(4.5);
}, 600_000);

test("a refusal takes as long for an expired handle as for one that never was", async () => {
  const times = await compared(["ask"], { passedMs: leaseLifeMs, samples: wanted });
  const t = Math.abs(welch(times, 0.75));
  const all_t = Math.abs(welch(times, 1));
  figure("T20", { samples: wanted, expired_t: t, expired_all_t: all_t });
  expect(t).toBeLessThan(4.5);
}, 600_000);

test("the measure itself tells two names of which one takes 10 µs more", async () => {
  const times = await compared([], { passedMs: 0, samples: 2_000, burdenNs: 10_000 });
  expect(Math.abs(welch(times, 0.75))).toBeGreaterThan(4.5);
}, 60_000);
