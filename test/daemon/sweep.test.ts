/** One search over many addresses: what it costs, what it tells, and what it shows of who asks. */

import { expect, test } from "bun:test";
import { probeMs } from "../../src/contract/limits.ts";
import type { Effects } from "../../src/platform/effects.ts";
import { machine, opened } from "../support/daemon.ts";
import { until } from "../support/until.ts";
import { newIdentity } from "./attack/connection.ts";
import { answerers, loopback, tarpits } from "./attack/crowd.ts";
import { unreadable } from "./attack/replies.ts";
import { liar, replyOf, tcpServer } from "./attack/server.ts";

/** Deadlines of probes that come when a test says so; every other timer is real. */
function heldProbes() {
  const due: (() => void)[] = [];
  let isOver = false;
  const effects = (real: Effects): Effects => ({
    ...real,
    timers: {
      ...real.timers,
      after: (ms, run) => {
        if (ms !== probeMs || isOver) return real.timers.after(ms, run);
        due.push(run);
        return () => due.splice(due.indexOf(run), 1);
      },
    },
  });
  /** Half a second is over, for all that still wait. */
  const pass = (): void => {
    isOver = true;
    for (const run of due.splice(0)) run();
  };
  return { effects, pass, waiting: () => due.length };
}

test("discover probes 200 addresses at once, half of them dead, within one time", async () => {
  const machines = Array.from({ length: 34 }, () => ({ identity: newIdentity(), open: false }));
  const living = loopback(1, 100);
  await using answering = await answerers(living, (host) => {
    const of = machines[living.indexOf(host) % machines.length];
    if (of === undefined) throw new Error("no machine");
    return of;
  });
  await using dead = await tarpits(loopback(2, 100));
  const half = (addresses: readonly string[], at: number) =>
    addresses.slice(50 * at, 50 * (at + 1));
  const searched = [0, 1].flatMap((at) => [
    ...half(dead.addresses, at),
    ...half(answering.addresses, at),
  ]);
  const held = heldProbes();
  await using searches = await machine("searches", { searched, effects: held.effects });
  const found = searches.calls.discover({});
  // The dead come first in the list, and hold up nobody: no deadline has passed yet.
  await until("the living have answered", () => held.waiting() === 100);
  expect(answering.seen.connections).toBe(100);
  expect(dead.seen).toMatchObject({ open: 100, openMax: 100, connections: 100 });
  held.pass();
  const { candidates, unreachable } = await found;
  expect(unreachable).toBe(100);
  expect(new Set(candidates.map(({ fingerprint }) => fingerprint))).toEqual(
    new Set(machines.map(({ identity }) => identity.fingerprint)),
  );
  expect(candidates).toHaveLength(machines.length);
  await until("no tarpit holds a connection", () => dead.seen.open === 0);
});

test("discover over 200 addresses, half dead, takes at most 1.2 times a probe's time", async () => {
  const identities = Array.from({ length: 25 }, newIdentity);
  const living = loopback(1, 100);
  await using answering = await answerers(living, (host) => {
    const identity = identities[living.indexOf(host) % identities.length];
    return { identity: identity ?? newIdentity(), open: false };
  });
  await using dead = await tarpits(loopback(2, 100));
  const searched = [...dead.addresses, ...answering.addresses];
  await using searches = await machine("searches", { searched });
  const tries: number[] = [];
  // A machine that is busy with something else may miss it once.
  for (let tried = 0; tried < 5 && Math.min(...tries) > 1.2 * probeMs; tried += 1) {
    const { candidates, unreachable, took_ms } = await searches.calls.discover({});
    expect(took_ms).toBeGreaterThanOrEqual(probeMs);
    if (candidates.length === 25 && unreachable === 100) tries.push(took_ms);
  }
  expect(Math.min(...tries)).toBeLessThanOrEqual(1.2 * probeMs);
});

test("discover shows a machine with several addresses once, IPv4 before IPv6", async () => {
  const identity = newIdentity();
  await using one = await answerers(["::1", ...loopback(1, 2)], () => ({ identity, open: true }));
  const [six = "", four = "", other = ""] = one.addresses;
  await using searches = await machine("searches", { searched: [six, four, other] });
  const { candidates, unreachable } = await searches.calls.discover({});
  expect(candidates).toHaveLength(1);
  expect(candidates[0]).toMatchObject({ fingerprint: identity.fingerprint, window_open: true });
  expect([four, other]).toContain(candidates[0]?.address ?? "");
  expect(unreachable).toBe(0);
});

test("discover shows no machine its own code, name, certificate or fingerprint", async () => {
  await using answering = await answerers(loopback(1, 4), () => ({
    identity: newIdentity(),
    open: true,
  }));
  await using searches = await machine("searches", { searched: answering.addresses });
  const window = await opened(searches);
  expect((await searches.calls.discover({})).candidates).toHaveLength(4);
  const { seen } = answering;
  expect(seen).toMatchObject({ connections: 4, certificates: 0 });
  const { fingerprint } = searches.daemon;
  for (const own of [window.code, "searches", fingerprint.slice("sha256:".length), "uthorization"])
    expect(seen.text).not.toContain(own);
  const [first = ""] = seen.text.split("\r\n");
  expect(first).toBe("POST /v1/window HTTP/1.1");
  expect(seen.text.split("\r\n\r\n{}")).toHaveLength(5);
  window.close();
  await window.ended;
});

test("discover shows a machine that is open to everyone like any other", async () => {
  await using honest = await machine("honest");
  await using lies = await liar(newIdentity(), ({ socket }) =>
    socket.write(replyOf({ open: true })),
  );
  await using searches = await machine("searches", { searched: [lies.address, honest.address] });
  const window = await opened(honest);
  const { candidates } = await searches.calls.discover({});
  const open = { source: "configured", window_open: true, paired: null, refusal: null } as const;
  expect(candidates).toHaveLength(2);
  for (const { address } of [lies, honest])
    expect(candidates).toContainEqual(expect.objectContaining({ name: address, address, ...open }));
  window.close();
  await window.ended;
});

test("discover counts as silent whatever answers with no probe's reply", async () => {
  await using servers = new AsyncDisposableStack();
  const identity = newIdentity();
  const searched: string[] = [];
  for (const reply of Object.values(unreadable)) {
    const fake = await liar(identity, ({ socket }) => reply(socket, () => {}));
    searched.push(servers.use(fake).address);
  }
  for (const garbage of [
    "SSH-2.0-OpenSSH_9.9\r\n",
    "\u0015\u0003\u0001",
    "HTTP/1.1 200 OK\r\n\r\n",
  ]) {
    searched.push(servers.use(await tcpServer((socket) => socket.write(garbage))).address);
  }
  const refused = await liar(identity, ({ socket }) =>
    socket.write(replyOf({ open: true }, "403 Forbidden")),
  );
  searched.push(servers.use(refused).address);
  const closed = await tcpServer(() => {});
  await closed[Symbol.asyncDispose]();
  searched.push(closed.address, "no-such-host.invalid:7337");
  await using searches = await machine("searches", { searched });
  const { candidates, unreachable } = await searches.calls.discover({});
  expect([candidates, unreachable]).toEqual([[], searched.length]);
});

test("discover takes no name, and no other field, that a machine adds to its one bit", async () => {
  const boasts = { open: true, name: "mini", paired: "mini", fingerprint: "x" };
  await using lies = await liar(newIdentity(), ({ socket }) => socket.write(replyOf(boasts)));
  await using searches = await machine("searches", { searched: [lies.address] });
  const { address } = lies;
  const { candidates } = await searches.calls.discover({});
  expect(candidates).toMatchObject([{ name: address, address, window_open: true, paired: null }]);
  expect(JSON.stringify(candidates)).not.toMatch(/mini|"x"/);
});

test("discover is one search, however many ask for it at once", async () => {
  await using answering = await answerers(loopback(1, 1), () => ({
    identity: newIdentity(),
    open: false,
  }));
  // It holds the search open until its probe is given up: all of them are there by then.
  await using silent = await tarpits(loopback(2, 1));
  const searched = [...answering.addresses, ...silent.addresses];
  await using searches = await machine("searches", { searched });
  const all = await Promise.all(Array.from({ length: 20 }, () => searches.calls.discover({})));
  expect(new Set(all.map(({ candidates }) => candidates.length))).toEqual(new Set([1]));
  expect(answering.seen.connections).toBe(1);
});

test("discover does not show the machine that searches", async () => {
  const searched: string[] = [];
  await using searches = await machine("searches", { searched });
  searched.push(searches.address);
  const restarted = await searches.calls.discover({});
  expect(restarted).toMatchObject({ candidates: [], unreachable: 0 });
});
