/** Bare connects at full speed beside a long way: who still asks and pairs, on new connections. */

import { describe, expect } from "bun:test";
import { askDeadlineMs } from "../../src/contract/limits.ts";
import { pemOf } from "../../src/peer/certificate.ts";
import { peerClient } from "../../src/peer/client.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { sha256 } from "../../src/platform/real.ts";
import { askFor } from "../daemon/attack/asking.ts";
import { connectTo } from "../daemon/attack/connection.ts";
import { type Delayed, delayed } from "../daemon/attack/delayed.ts";
import { enrol, type HandPeer } from "../daemon/attack/pairing.ts";
import { type Machine, machine, opened, session } from "../support/daemon.ts";
import { faultsWanted, skipUnless } from "../support/skip.ts";
import { figure } from "./measure.ts";

const isLinux = process.platform === "linux";
const test = skipUnless(faultsWanted && isLinux, "bare connects for a minute: --faults, Linux");
const seconds = 40;
const rate = 1_000;
/** Half of the 150 ms that the way is long. */
const oneWayMs = 75;
const peersAddress = "127.0.0.200";
const others = Array.from({ length: 250 }, (_, at) => `127.0.0.${at + 1}`);
const crowd = others.filter((address) => address !== peersAddress);

/** Begins bare connects in a process of its own; resolves once they have begun. */
async function flood(on: Machine, addresses: readonly string[]): Promise<Disposable> {
  const port = on.address.slice(on.address.lastIndexOf(":") + 1);
  const words = [`${import.meta.dir}/../daemon/attack/flooder.ts`, port, `${rate}`, `${seconds}`];
  const child = Bun.spawn([process.execPath, ...words, ...addresses], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toStartWith("begun");
  return { [Symbol.dispose]: () => child.kill() };
}

/** Asks once, by the daemon's own client and on connections that are new. */
async function asks(on: Machine, path: Delayed, peer: HandPeer): Promise<boolean> {
  using connection = await connectTo(on.address);
  const certificate = pemOf(connection.socket.getPeerCertificate().raw);
  const known = { name: on.name, fingerprint: on.daemon.fingerprint, certificate };
  const client = peerClient({ identity: peer.identity, peer: known, timers, sha256 });
  const port = Number(path.address.slice(path.address.lastIndexOf(":") + 1));
  const way = { host: "127.0.0.1", port };
  const bounds = { way, token: peer.token, deadlineMs: askDeadlineMs };
  const isAnswered = await client.call("ask", askFor(), bounds).then(
    () => true,
    () => false,
  );
  client.close();
  return isAnswered;
}

/** Types the right code once; whether that paired. */
async function pairs(on: Machine, path: Delayed, types: Machine): Promise<boolean> {
  const window = await opened(on);
  const { fingerprint } = on.daemon;
  const input = { code: window.code, to: path.address, fingerprint, grant: ["ask" as const] };
  const isPaired = await types.calls.pair(input).then(
    () => true,
    () => false,
  );
  window.close();
  await window.ended;
  for (const { name } of (await types.calls.peers({})).peers) await types.calls.unpair({ name });
  return isPaired;
}

/** Does something again and again for a while; how often, and how often it succeeded. */
async function again(run: () => Promise<boolean>, forMs: number): Promise<readonly number[]> {
  const counts = { tried: 0, succeeded: 0 };
  const beganMs = performance.now();
  while (performance.now() - beganMs < forMs) {
    counts.tried += 1;
    if (await run()) counts.succeeded += 1;
  }
  return [counts.succeeded, counts.tried];
}

const promise =
  "P10: An attacker who holds every pairing run does not keep the right code out, " +
  "and 1,000 bare connects a second keep out at most 1 in 20 of the right codes and asks.";

describe(`39: 1,000 bare connects a second beside a way of 150 ms, ${promise}`, () => {
  for (const [from, addresses] of [
    ["250 addresses", crowd],
    ["the peers' own address", [peersAddress]],
  ] as const) {
    test(`from ${from}: 95 % of asks and of right codes succeed`, async () => {
      await using on = await machine("on");
      await on.calls.activate(session());
      await using types = await machine("types");
      const peer = await enrol(on);
      await using path = await delayed(on.address, { oneWayMs, from: peersAddress });
      // The peer's address is known once it has called from there.
      expect(await asks(on, path, peer)).toBe(true);
      using _flood = await flood(on, addresses);
      const forMs = (seconds - 5) * 1_000;
      const [asked, paired] = await Promise.all([
        again(() => asks(on, path, peer), forMs),
        again(() => pairs(on, path, types), forMs),
      ]);
      const [answered = 0, tried = 0] = asked;
      const [entered = 0, typed = 0] = paired;
      figure("T39", { answered, asked: tried, paired: entered, codes: typed });
      expect(tried).toBeGreaterThan(15);
      expect(typed).toBeGreaterThan(5);
      expect(answered / tried).toBeGreaterThanOrEqual(0.95);
      expect(entered / typed).toBeGreaterThanOrEqual(0.95);
    }, 120_000);
  }
});
