/** Many that want too much: slow clients, half-open connections, a peer far above its quota. */

import { expect } from "bun:test";
import { connect, type Socket } from "node:net";
import { asksPerSecondMax } from "../../src/contract/limits.ts";
import { askOn, endOf } from "../daemon/attack/asking.ts";
import { connectTo, type RawConnection } from "../daemon/attack/connection.ts";
import { enrol, type HandPeer } from "../daemon/attack/pairing.ts";
import { executable, isBuilt, notBuilt } from "../support/executable.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { activated, daemonOf, type Machine } from "./daemons.ts";
import { figure, msOf, pacedMs, processorS, quantile } from "./measure.ts";

const isLinux = process.platform === "linux";
const test = isBuilt ? skipUnless(isLinux, "that takes Linux") : skipUnless(isBuilt, notBuilt);
const patient = skipUnless(
  isBuilt && isLinux && faultsWanted,
  "slow clients take their time: --faults",
);
const crowd = faultsWanted ? 500 : 100;
/** Connections of a peer that asks too much. */
const floods = 6;
/** Asks of one phase, at a pace that a peer may keep. */
const asks = faultsWanted ? 150 : 20;
const paceMs = 1_000 / asksPerSecondMax + 10;

/** Times of asks from when each was due, at the pace of a peer that keeps its quota. */
const timed = (connection: RawConnection, peer: HandPeer): Promise<number[]> =>
  pacedMs({ times: asks, paceMs }, async () =>
    expect(endOf(await askOn(connection, peer))).toBe("200"),
  );

/** A client that sends a byte at a time; resolves to how long it was let. */
async function slow(mini: Machine, index: number, sent: string): Promise<number> {
  const from = `127.0.${1 + (index >> 7)}.${1 + (index & 127)}`;
  const connection = await connectTo(mini.address, { from });
  const startedMs = performance.now();
  connection.write(sent);
  const timer = setInterval(() => connection.write(" "), 500);
  return connection.closed.then(() => {
    clearInterval(timer);
    return performance.now() - startedMs;
  });
}

const header = "POST /v1/window HTTP/1.1\r\nhost: peernet\r\nx-a:";
const body = `${header} b\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{`;

patient(
  `${crowd} slow clients are closed within 15 s, a peer is answered beside`,
  async () => {
    await using mini = await daemonOf("mini");
    await activated(mini);
    const peer = await enrol(mini);
    using connection = await peer.connect();
    const quiet = await timed(connection, peer);
    const opened: Promise<number>[] = [];
    for (let index = 0; index < crowd; index += 1) {
      opened.push(slow(mini, index, index % 2 === 0 ? header : body));
      await Bun.sleep(1);
    }
    const beside = await timed(connection, peer);
    const held = await Promise.all(opened);
    const p99 = { quiet: quantile(quiet, 0.99), beside: quantile(beside, 0.99) };
    figure("T23", {
      slow_clients: crowd,
      longest_s: Math.max(...held) / 1_000,
      ask_p99_ms: p99.beside,
      ratio: p99.beside / p99.quiet,
      ratio_p50: quantile(beside, 0.5) / quantile(quiet, 0.5),
    });
    expect(Math.max(...held)).toBeLessThan(15_000);
    // The goal is twice; a busy machine is let more.
    expect(quantile(beside, 0.5) / quantile(quiet, 0.5)).toBeLessThan(4);
  },
  120_000,
);

test(`${crowd} half-open connections at 256 descriptors: the control socket answers`, async () => {
  const command = ["sh", "-c", 'ulimit -n 256; exec "$0" "$@"', executable];
  await using mini = await daemonOf("mini", { command });
  const port = Number(mini.address.slice(mini.address.lastIndexOf(":") + 1));
  const sockets: Socket[] = [];
  for (let index = 0; index < crowd; index += 1) {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => socket.destroy());
    sockets.push(socket);
  }
  const times: number[] = [];
  const before = { processorS: processorS(mini.pid), ms: performance.now() };
  const lookMs = faultsWanted ? 8_000 : 2_000;
  while (performance.now() - before.ms < lookMs) {
    times.push(await msOf(() => mini.calls.status({})));
    await Bun.sleep(20);
  }
  const share =
    (processorS(mini.pid) - before.processorS) / ((performance.now() - before.ms) / 1_000);
  for (const socket of sockets) socket.destroy();
  const p99_ms = quantile(times, 0.99);
  figure("T23", { half_open: crowd, nofile: 256, control_p99_ms: p99_ms, cpu: share });
  expect(p99_ms).toBeLessThan(faultsWanted ? 100 : 300);
  expect(share).toBeLessThan(0.25);
}, 60_000);

test("a peer at ten times its quota is refused, and another is answered as before", async () => {
  await using mini = await daemonOf("mini");
  await activated(mini);
  const [greedy, modest] = [await enrol(mini), await enrol(mini, { name: "modest" })];
  using connection = await modest.connect();
  const quiet = await timed(connection, modest);
  let isOver = false;
  const ends = new Map<string, number>();
  const flood = async (): Promise<void> => {
    using own = await greedy.connect();
    // Together they ask ten times a peer's quota.
    let dueMs = performance.now();
    while (!isOver) {
      const end = endOf(await askOn(own, greedy));
      ends.set(end, (ends.get(end) ?? 0) + 1);
      await Bun.sleep(Math.max(0, dueMs - performance.now()));
      dueMs += (1_000 * floods) / (10 * asksPerSecondMax);
    }
  };
  const startedMs = performance.now();
  const flooding = Promise.all(Array.from({ length: floods }, flood));
  const beside = await timed(connection, modest);
  isOver = true;
  await flooding;
  const floodedMs = performance.now() - startedMs;
  // Other programs of the machine are no part of the flood: it is held to the slower of the two.
  const after = await timed(connection, modest);
  const seconds = floodedMs / 1_000;
  const sum = [...ends.values()].reduce((one, other) => one + other, 0);
  const limited = ends.get("rate_limited") ?? 0;
  const ratioOf = (part: number): number =>
    quantile(beside, part) / Math.max(quantile(quiet, part), quantile(after, part));
  const ratio = ratioOf(0.99);
  const ratio_p50 = ratioOf(0.5);
  figure("T24", { asked_per_s: sum / seconds, refused: limited / sum, ratio, ratio_p50 });
  expect(limited).toBeGreaterThan(sum / 3);
  expect(ends.get("200") ?? 0).toBeLessThan(40 + asksPerSecondMax * (seconds + 2));
  expect(ratio_p50).toBeLessThan(3);
}, 120_000);
