/** The peer listener under requests that no peer sends. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { askFor } from "../daemon/attack/asking.ts";
import {
  connectTo,
  newIdentity,
  type RawConnection,
  type Reply,
} from "../daemon/attack/connection.ts";
import { enrol, type HandPeer } from "../daemon/attack/pairing.ts";
import { activated, daemonOf, type Machine } from "../faults/daemons.ts";
import { figure } from "../faults/measure.ts";
import { grantedIn } from "../faults/records.ts";
import { isBuilt, notBuilt } from "../support/executable.ts";
import { type Draw, drawFrom } from "../support/histories.ts";
import { faultsWanted, longWanted, skipUnless } from "../support/skip.ts";
import { anyBody, fuzzed } from "./requests.ts";

const test = skipUnless(isBuilt, notBuilt);
const seed = Number(process.env.PEERNET_TEST_SEED ?? 1);
const count = faultsWanted || longWanted ? 100_000 : 5_000;
/** Connections at once: as many as there are places, less a few. */
const workers = 64;
const patienceMs = 60_000 + count * 20;

/** The outcomes of requests. */
interface Ends {
  readonly statuses: Map<string, number>;
  readonly wrong: string[];
}

const stranger = newIdentity();
const host = (index: number): string => `127.0.0.${2 + (index % 200)}`;

/** Half a request is not answered; a whole one is, in far less than this. */
const patienceOfOneMs = 500;

/**
 * The outcome of one request: a reply, a close without one, a late one, or a refused connection.
 */
type End = Reply | "closed" | "late" | "displaced";

/** Sends bytes and says that no more come. */
async function send(connection: RawConnection, bytes: Uint8Array): Promise<End> {
  connection.write(bytes);
  connection.socket.end();
  const late = Bun.sleep(patienceOfOneMs).then(() => "late" as const);
  const next = async (): Promise<End> => (await connection.reply()) ?? "closed";
  const end = await Promise.race([next(), late]);
  // After a "continue", the rest is sent.
  return typeof end !== "string" && end.status === 100 ? Promise.race([next(), late]) : end;
}

/** One request of somebody who may ask nothing. */
async function strange(mini: Machine, draw: Draw, stolen: string): Promise<[string, End]> {
  const { bytes, path, hasKey } = fuzzed(draw, stolen);
  const identity = hasKey ? stranger : null;
  const to = { identity, from: host(draw.below(200)) };
  const connected = await connectTo(mini.address, to).catch(() => null);
  const what = new TextDecoder().decode(bytes.subarray(0, 60)) + path;
  // A crowd displaces its own: the last arrivals take the slots of the first.
  if (connected === null) return [what, "displaced"];
  using connection = connected;
  return [what, await send(connection, bytes)];
}

/** True when a caller without rights learned more than whether a window is open. */
const isTold = (end: End): boolean =>
  typeof end !== "string" && end.status === 200 && end.body !== '{"open":false}';

async function fuzz(mini: Machine, peer: HandPeer, ends: Ends): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const [what, end] = await strange(mini, drawFrom(seed + index), peer.token);
      const status = typeof end === "string" ? end : String(end.status);
      ends.statuses.set(status, (ends.statuses.get(status) ?? 0) + 1);
      if (isTold(end) || Number(status) >= 500) {
        ends.wrong.push(`PEERNET_TEST_SEED=${seed + index} ${status} ${what}`);
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

test(
  `${count} requests without rights: none is accepted, none breaks anything`,
  async () => {
    await using mini = await daemonOf("mini");
    await activated(mini);
    const peer = await enrol(mini);
    const granted = grantedIn(mini.folder);
    const ends: Ends = { statuses: new Map(), wrong: [] };
    const startedMs = performance.now();
    await fuzz(mini, peer, ends);
    const seconds = (performance.now() - startedMs) / 1_000;
    // Whatever was granted is on record, also where its reply came too late to be seen.
    const recorded = () => grantedIn(mini.folder) - granted;
    const log = readFileSync(join(mini.folder, "daemon.log"), "utf8");
    figure("R6", {
      requests: count,
      accepted: Math.max(ends.wrong.length, recorded()),
      crashes: log.split("crashed").length - 1 + (mini.hasExited ? 1 : 0),
      ...Object.fromEntries([...ends.statuses].sort()),
      seconds,
    });
    expect(ends.wrong).toEqual([]);
    expect(recorded()).toBe(0);
    expect(log).not.toContain("crashed");
    expect(mini.hasExited).toBe(false);
    expect(ends.statuses.get("displaced") ?? 0).toBeLessThan(count / 20);
    // They reach as far as they can: refused by the parser, by admission, and by no row.
    for (const status of ["400", "401", "404", "closed"]) {
      expect(ends.statuses.get(status) ?? 0).toBeGreaterThan(count / 500);
    }
    // The lease it had may be over by now.
    await activated(mini);
    using connection = await peer.connect();
    const reply = await connection.post("ask", askFor(), { token: peer.token });
    expect(reply?.status).toBe(200);
    // By now whatever was under way is over: only the peer's own ask was granted.
    expect(recorded()).toBe(1);
    expect(await mini.calls["audit/verify"]({})).toMatchObject({ ok: true });
  },
  patienceMs,
);

test(
  "a peer's bodies of any shape are refused or answered, and break nothing",
  async () => {
    await using mini = await daemonOf("mini");
    let peer = await enrol(mini, { grant: [] });
    const statuses = new Map<number, number>();
    let connection = await peer.connect();
    for (let index = 0; index < count / 5; index += 1) {
      const draw = drawFrom(seed + index);
      // One peer's calls are paced: each sends less than what it may send at once.
      if (index % 30 === 29) {
        connection[Symbol.dispose]();
        peer = await enrol(mini, { grant: [] });
        connection = await peer.connect();
      }
      if (connection.isClosed()) connection = await peer.connect();
      const path = draw.pick(["ask", "hello", "token"]);
      const reply = await connection.post(path, anyBody(draw), { token: peer.token });
      const status = reply?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500) throw new Error(`PEERNET_TEST_SEED=${seed + index}: ${reply?.body}`);
    }
    connection[Symbol.dispose]();
    expect(statuses.get(400) ?? 0).toBeGreaterThan(count / 10);
    expect(await mini.calls.status({})).toMatchObject({ machine: { running: true } });
  },
  patienceMs,
);
