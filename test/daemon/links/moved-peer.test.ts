/** A peer that is not where it was: where it is looked for, and what makes a new address true. */

import { describe, expect, test } from "bun:test";
import type { AuditRecord } from "../../../src/contract/audit.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { newIdentity } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { refusalOf } from "../attack/refusal.ts";
import { liar, replyOf, tcpServer } from "../attack/server.ts";

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  await using server = await tcpServer(() => {});
  return server.port;
}

const portOf = ({ address }: Pick<Machine, "address">): number =>
  Number(address.slice(address.lastIndexOf(":") + 1));

const asks = (from: Machine, timeout_ms = 5_000) =>
  from.calls.ask({ handle: "mini/hydrate", question: null, thread_id: null, timeout_ms });

const movesOf = async (on: Machine): Promise<readonly AuditRecord[]> =>
  (await on.calls.audit({ verb: "move" })).records;

const addressOf = async (on: Machine): Promise<string | null | undefined> =>
  (await on.calls.peers({})).peers[0]?.address;

/** Two machines that are paired, and a port that mini is to move to. */
async function pairedTwo(searched: (next: number) => readonly string[]) {
  const next = await freePort();
  const time = moved();
  const options = { port: await freePort(), ...time };
  const mini = await machine("mini", options);
  const laptop = await machine("laptop", { searched: searched(next) });
  await pair(mini, laptop);
  let back: Machine | null = null;
  return {
    mini,
    laptop,
    next,
    old: portOf(mini),
    /** Sweeps mini by hand. */
    time,
    /** Starts mini again on another port. */
    move: async (port: number): Promise<Machine> => {
      options.port = port;
      await back?.daemon.stop();
      back = await mini.restart();
      await back.calls.activate(session());
      return back;
    },
    [Symbol.asyncDispose]: async () => {
      await laptop[Symbol.asyncDispose]();
      await back?.daemon.stop();
      await mini[Symbol.asyncDispose]();
    },
  };
}

const there = (port: number): string[] => [`127.0.0.1:${port}`];

test("ask finds a peer on another port where a search looks, and records it", async () => {
  await using two = await pairedTwo(there);
  const { laptop, next, old } = two;
  expect(await addressOf(laptop)).toBe(`127.0.0.1:${old}`);
  await two.move(next);
  const answers = await Promise.all(Array.from({ length: 5 }, () => asks(laptop)));
  for (const answer of answers) expect(answer).toMatchObject({ status: "ok" });
  expect(await addressOf(laptop)).toBe(`127.0.0.1:${next}`);
  await asks(laptop);
  expect(await movesOf(laptop)).toEqual([
    expect.objectContaining({
      direction: "out",
      verb: "move",
      outcome: "ok",
      peer_name: "mini",
      peer_fingerprint: two.mini.daemon.fingerprint,
      origin_address: "127.0.0.1",
    }),
  ]);
});

test("each move of a peer is one record, however often it is asked there", async () => {
  await using two = await pairedTwo(there);
  const { laptop, next, old } = two;
  for (const [moves, port] of [
    [1, next],
    // It is back where its own hello comes from.
    [2, old],
  ] as const) {
    const back = await two.move(port);
    if (port === old) await hasGreeted(two.time, back);
    for (let times = 0; times < 3; times += 1) await asks(laptop);
    expect(await addressOf(laptop)).toBe(`127.0.0.1:${port}`);
    expect(await movesOf(laptop)).toHaveLength(moves);
  }
});

/** Sweeps until a machine has said hello to its one peer. */
async function hasGreeted(time: Moved, on: Machine): Promise<void> {
  await until("it has said hello", async () => {
    time.sweep();
    return (await on.calls.peers({})).peers[0]?.version !== null;
  });
}

test("ask finds a peer by the hello that it said from where it is now", async () => {
  await using two = await pairedTwo(() => []);
  const { laptop, next } = two;
  const back = await two.move(next);
  await hasGreeted(two.time, back);
  expect(await asks(laptop)).toMatchObject({ status: "ok" });
  expect(await addressOf(laptop)).toBe(`127.0.0.1:${next}`);
  expect(await movesOf(laptop)).toHaveLength(1);
});

describe("P12: No byte of a request reaches a machine that has not proven the pinned key.", () => {
  test("an impostor where a peer is looked for gets a probe, and is not believed", async () => {
    await using two = await pairedTwo(there);
    const { laptop, mini, next, old } = two;
    await mini[Symbol.asyncDispose]();
    await using poses = await liar(
      newIdentity(),
      ({ socket }) => socket.write(replyOf({ open: true })),
      { port: next },
    );
    const refused = await refusalOf(asks(laptop, 1_500));
    expect(refused.code).toBe("peer_unreachable");
    expect(poses.seen.connections).toBeGreaterThan(0);
    expect(new Set(poses.seen.lines)).toEqual(new Set(["POST /v1/window"]));
    expect(poses.seen.certificates).toBe(0);
    expect(poses.seen.text).not.toMatch(/authorization|bearer|hydrate|laptop/i);
    expect(await addressOf(laptop)).toBe(`127.0.0.1:${old}`);
    expect(await movesOf(laptop)).toEqual([]);
  });

  test("an impostor where the peer was gets no byte, and the peer is found elsewhere", async () => {
    await using two = await pairedTwo(there);
    const { laptop, next, old } = two;
    await two.move(next);
    await using poses = await liar(newIdentity(), () => {}, { port: old });
    expect(await asks(laptop)).toMatchObject({ status: "ok" });
    expect(poses.seen).toMatchObject({ bytes: 0, lines: [], certificates: 0 });
    expect(await addressOf(laptop)).toBe(`127.0.0.1:${next}`);
  });
});
