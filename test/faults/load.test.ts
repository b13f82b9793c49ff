/** A machine that has much to keep: peers, leases, records, and asks without an end. */

import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpointRecords, handlesMax, helloJitter, helloMs } from "../../src/contract/limits.ts";
import { seal } from "../../src/core/audit-chain.ts";
import { checkpointsName } from "../../src/daemon/audit/checkpoints.ts";
import { type Identity, loadOrCreate } from "../../src/peer/identity.ts";
import { stateFiles } from "../../src/platform/files.ts";
import { random, sha256 } from "../../src/platform/real.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import { askOn, endOf } from "../daemon/attack/asking.ts";
import type { RawConnection } from "../daemon/attack/connection.ts";
import { enrol, type HandPeer } from "../daemon/attack/pairing.ts";
import { beginning, checkpointAt } from "../support/checkpoints.ts";
import { session } from "../support/daemon.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, longWanted, skipUnless } from "../support/skip.ts";
import { daemonUmask } from "../support/umask.ts";
import { activated, daemonOf, type Machine } from "./daemons.ts";
import { figure, memoryMb, msOf, openFiles, pacedMs, processorS, quantile } from "./measure.ts";
import { type Crowd, crowdOf } from "./peers.ts";

const isLinux = process.platform === "linux";
const test = isBuilt ? skipUnless(isLinux, "that takes Linux") : skipUnless(isBuilt, notBuilt);
const long = skipUnless(
  isBuilt && isLinux && (faultsWanted || longWanted),
  "a soak takes a minute: --faults",
);

let umask: Disposable;
beforeAll(() => {
  umask = daemonUmask();
});
afterAll(() => umask[Symbol.dispose]());

interface Prepared {
  readonly folder: string;
  readonly store: Store;
  readonly own: Identity;
}

/** A home whose identity exists, and its store. */
function prepared(name: string): Prepared {
  const folder = mkdtempSync(join(tmpdir(), `peernet-${name}-`));
  const own = loadOrCreate({ files: stateFiles(folder), random, sha256 });
  const store = openStore({
    path: join(folder, "state.db"),
    seal: (previous, draft) => seal(previous, draft, sha256),
    defer: (run) => setImmediate(run),
  });
  return { folder, store, own };
}

/** An ask that must be answered. */
const asks = async (connection: RawConnection, peer: HandPeer): Promise<void> =>
  expect(endOf(await askOn(connection, peer))).toBe("200");

/** A pace in milliseconds that a peer may keep. */
const paceMs = 60;

const rows = faultsWanted ? 1_000_000 : 20_000;

/** Writes so many records and, as its daemon would have, a checkpoint every hundred of them. */
async function grow({ folder, store, own }: Prepared): Promise<number> {
  const checkpoints: string[] = [];
  await store.transact(({ audit }) => ({ value: audit.append(beginning) }));
  for (let written = 0; written < rows; written += 2_000) {
    await store.transact(({ audit }) => {
      for (let number = 0; number < 2_000; number += 1) {
        const text = `question ${written + number}`;
        const asked = { verb: "ask", direction: "in", outcome: "ok", text } as const;
        const record = audit.append({ at_ms: 1_800_000_000_000, handle: "hydrate", ...asked });
        checkpoints.push(...checkpointAt(own, record));
      }
      return { value: undefined };
    });
  }
  store.close();
  stateFiles(folder).write(checkpointsName, checkpoints.join(""));
  return checkpoints.length;
}

/** Calls to the daemon until something is over: how many, and how long the longest waited. */
async function callsBeside(mini: Machine, run: () => Promise<unknown>) {
  let isOver = false;
  const running = run().finally(() => {
    isOver = true;
  });
  const waitsMs: number[] = [];
  while (!isOver) {
    waitsMs.push(await msOf(() => mini.calls.leases({})));
    await Bun.sleep(5);
  }
  await running;
  return { calls: waitsMs.length, longestMs: Math.max(...waitsMs) };
}

test(`a trail of ${rows} records: the daemon starts, and verifies it`, async () => {
  const made = prepared("mini");
  const { folder } = made;
  const checkpoints = await grow(made);
  const startedMs = performance.now();
  await using mini = await daemonOf("mini", { folder });
  const start_s = (performance.now() - startedMs) / 1_000;
  const verifyMs = performance.now();
  const verified = await mini.calls["audit/verify"]({});
  const verify_s = (performance.now() - verifyMs) / 1_000;
  expect(verified).toMatchObject({ ok: true, records: rows + 1, checkpoint_seq: rows + 1 });
  const beside = await callsBeside(mini, () => mini.calls["audit/verify"]({}));
  const memory_mb = memoryMb(mini.pid);
  const beside_ms = beside.longestMs;
  figure("R8", { rows, checkpoints, start_s, verify_s, beside_ms, memory_mb });
  expect(checkpoints).toBe(rows / checkpointRecords);
  // The goals are 0.5 s and 5 s; a busy machine is let more.
  expect(start_s).toBeLessThan(3);
  expect(verify_s).toBeLessThan(30);
  // A call meanwhile waits for one step, and not for all: then there was time for one call.
  expect(beside.calls).toBeGreaterThan(1);
}, 600_000);

const peersCount = faultsWanted ? 1_000 : 50;
const leasesCount = faultsWanted ? handlesMax : 16;

async function leaseMany(mini: Machine): Promise<void> {
  for (let number = 0; number < leasesCount; number += 1) {
    const process = { pid: 10_000 + number, start_time: "1" };
    const session_id = `session-${number}`;
    const of = { process, session_id, harness: "claude-code", project: `p-${number}` };
    await mini.calls.activate(session({ ...of, name: number === 0 ? "hydrate" : `p-${number}` }));
  }
}

/** Keeps every lease alive, as a keeper does. */
function keeping(mini: Machine): Disposable {
  const beat = async (): Promise<void> => {
    const { leases } = await mini.calls.leases({});
    await mini.calls.renew({ beats: leases.map(({ name, generation }) => ({ name, generation })) });
  };
  const timer = setInterval(() => void beat().catch(() => {}), 30_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Two kinds of asks take turns, so that a busy moment of this machine meets both. */
async function inTurns(kinds: Readonly<Record<"alone" | "beside", () => Promise<void>>>) {
  const turns = 5;
  const pace = { times: faultsWanted ? 30 : 4, paceMs };
  const times = { alone: [] as number[], beside: [] as number[] };
  for (let turn = 0; turn < turns; turn += 1) {
    times.alone.push(...(await pacedMs(pace, kinds.alone)));
    times.beside.push(...(await pacedMs(pace, kinds.beside)));
  }
  return times;
}

/** Seconds between two hellos of a daemon whose random numbers are all the largest. */
const slowestHelloS = (helloMs * (1 + helloJitter)) / 1_000;

test(`${peersCount} peers that greet, and ${leasesCount} leases, cost little`, async () => {
  const { folder, store } = prepared("mini");
  await using crowd: Crowd = await crowdOf(peersCount, { folder, store });
  store.close();
  await using quietly = await daemonOf("quiet");
  await activated(quietly);
  const other = await enrol(quietly);
  await using mini = await daemonOf("mini", { folder });
  await leaseMany(mini);
  using _kept = keeping(mini);
  const peer = await enrol(mini);
  crowd.greet(mini.address);
  // The first hellos go out all at once: the later, steady rate is measured.
  await Bun.sleep(faultsWanted ? 40_000 : 1_000);
  await activated(quietly);
  using quiet = await other.connect();
  using connection = await peer.connect();
  const before = { ...crowd.hellos(), processorS: processorS(mini.pid), ms: performance.now() };
  const times = await inTurns({
    alone: () => asks(quiet, other),
    beside: () => asks(connection, peer),
  });
  // Whole rounds of hellos: those that went out at once in the beginning still come in waves.
  if (faultsWanted) await Bun.sleep(2 * helloMs - (performance.now() - before.ms));
  const seconds = (performance.now() - before.ms) / 1_000;
  const cpu = (processorS(mini.pid) - before.processorS) / seconds;
  const { said, heard } = crowd.hellos();
  const hellos = { said: (said - before.said) / seconds, heard: (heard - before.heard) / seconds };
  const up = (await mini.calls.status({})).peers.filter(({ link }) => link === "up").length;
  const leases = (await mini.calls.leases({})).leases.filter(({ held }) => !held).length;
  figure("R7", {
    up,
    leases,
    memory_mb: memoryMb(mini.pid),
    cpu,
    p99_ratio: quantile(times.beside, 0.99) / quantile(times.alone, 0.99),
    p50_ratio: quantile(times.beside, 0.5) / quantile(times.alone, 0.5),
    hellos_said_per_s: hellos.said,
    hellos_heard_per_s: hellos.heard,
  });
  expect(up).toBeGreaterThanOrEqual(peersCount * 0.99);
  expect(leases).toBe(leasesCount);
  expect(said).toBeGreaterThanOrEqual(peersCount * 0.99);
  expect(heard).toBeGreaterThan(0);
  if (faultsWanted) {
    expect(Math.min(hellos.said, hellos.heard)).toBeGreaterThan(peersCount / slowestHelloS);
  }
  expect(memoryMb(mini.pid)).toBeLessThan(240);
  expect(cpu).toBeLessThan(0.5);
}, 300_000);

/** A soak's length: ten minutes by --long, one by --faults. */
const soakS = longWanted ? 600 : 60;

long(
  `a soak of ${soakS} s at 50 asks a second costs no more in the end than in the beginning`,
  async () => {
    await using mini = await daemonOf("mini");
    await activated(mini);
    const begin = performance.now();
    const passed = (): number => (performance.now() - begin) / 1_000;
    const times: { readonly atS: number; readonly ms: number }[] = [];
    const ask = async (name: string): Promise<void> => {
      const peer = await enrol(mini, { name });
      using connection = await peer.connect();
      for (let dueMs = performance.now(); passed() < soakS; dueMs += paceMs) {
        await Bun.sleep(Math.max(0, dueMs - performance.now()));
        await asks(connection, peer);
        // From when it was due: one that waited for the ask before it has waited too.
        times.push({ atS: passed(), ms: performance.now() - dueMs });
      }
    };
    const asking: Promise<void>[] = [];
    for (const name of ["one", "two", "three"]) {
      asking.push(ask(name));
      await Bun.sleep(1_000);
    }
    using _beats = renewing(mini);
    await Bun.sleep(soakS * 200);
    const early = await held(mini, soakS / 10);
    await Bun.sleep((soakS * 0.88 - passed()) * 1_000);
    const late = await held(mini, soakS / 10);
    await Promise.all(asking);
    const p99 = (from: number, to: number): number =>
      quantile(
        times.flatMap(({ atS, ms }) => (atS >= from && atS < to ? [ms] : [])),
        0.99,
      );
    const p99s = { early: p99(soakS * 0.2, soakS * 0.4), late: p99(soakS * 0.8, soakS) };
    figure("R9", {
      seconds: soakS,
      asks_per_s: times.length / soakS,
      growth_mb: late.mb - early.mb,
      files_change: Math.abs(late.files - early.files),
      p99_early_ms: p99s.early,
      p99_late_ms: p99s.late,
      p99_ratio: p99s.late / p99s.early,
    });
    expect(late.mb - early.mb).toBeLessThan(30);
    expect(Math.abs(late.files - early.files)).toBeLessThanOrEqual(4);
  },
  soakS * 1_000 + 60_000,
);

/** The memory of a process: the least within so many seconds, since garbage comes and goes. */
async function held({ pid }: Machine, seconds: number) {
  const mb: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    mb.push(memoryMb(pid));
    await Bun.sleep(1_000);
  }
  return { mb: Math.min(...mb), files: openFiles(pid) };
}

/** Renews the one lease of a soak. */
function renewing(mini: Machine): Disposable {
  const timer = setInterval(() => void activated(mini).catch(() => {}), 20_000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
