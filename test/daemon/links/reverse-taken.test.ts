/** The machine that takes reverse connections of its peers, and calls over them. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  dialAgainMs,
  reverseConnectionsMax,
  reverseHelloMs,
} from "../../../src/contract/limits/reverse.ts";
import { headerDeadlineMs, helloJitter, idleMs } from "../../../src/contract/limits.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { newIdentity } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { enrol, type HandPeer } from "../attack/pairing.ts";
import {
  type DialledByHand,
  dialByHand,
  helloAnswer,
  refusalBytes,
  takeByHand,
} from "../attack/reverse.ts";
import { tcpServer } from "../attack/server.ts";

setDefaultTimeout(60_000);

const handle = "mallory/sync";

const ask = { handle, question: null, thread_id: null, timeout_ms: 5_000 };

/** The answer of a peer that is asked, by the path. */
const answers = (path: string): unknown =>
  path === "hello"
    ? helloAnswer
    : {
        project: "sync",
        git: null,
        summary: null,
        session: {
          ...{ harness: "shell", state: null, state_for_ms: null },
          ...{ started_age_ms: 0, age_ms: 0 },
        },
        lease: { renewed_age_ms: 0, expires_in_ms: 75_000 },
      };

/** A port at which nobody answers. */
async function closedPort(): Promise<{ readonly port: number }> {
  await using server = await tcpServer((socket) => socket.destroy());
  return server;
}

/** Dials so many reverse connections, one after another. */
async function dialled(
  on: Machine,
  peer: HandPeer,
  count: number | { readonly count: number; readonly sweep: () => void },
): Promise<readonly DialledByHand[]> {
  const all: DialledByHand[] = [];
  const wanted = typeof count === "number" ? { count, sweep: () => {} } : count;
  while (all.length < wanted.count) {
    const one = await dialByHand(on.address, peer.identity, answers);
    all.push(one);
    await until("its first hello came", () => {
      wanted.sweep();
      return one.calls.length > 0;
    });
  }
  return all;
}

const promise =
  "P52: A reverse connection is kept for a live peer alone, opens no window and pairs nobody, " +
  "and ends within one second of an unpairing or a refusal.";

describe(promise, () => {
  test("one of a stranger, and one of a removed peer, are closed at once", async () => {
    await using on = await machine("on");
    const startMs = performance.now();
    const stranger = await dialByHand(on.address, newIdentity());
    await stranger.connection.closed;
    const peer = await enrol(on);
    await on.calls.unpair({ name: "mallory" });
    const removed = await dialByHand(on.address, peer.identity);
    await removed.connection.closed;
    expect([stranger.calls, removed.calls]).toEqual([[], []]);
    expect(performance.now() - startMs).toBeLessThan(headerDeadlineMs);
  });

  test("one of a peer that refuses this machine is closed at once", async () => {
    await using on = await machine("on");
    const identity = newIdentity();
    await using taker = await takeByHand(identity);
    taker.answer = refusalBytes;
    await enrol(on, { identity, port: taker.port });
    await until("it is refused", async () => {
      const { peers } = await on.calls.peers({});
      return peers[0]?.link === "refused";
    });
    const one = await dialByHand(on.address, identity);
    await one.connection.closed;
    expect(one.calls).toEqual([]);
  });

  test("all of a peer are closed within a second of its unpairing, and it is told", async () => {
    await using on = await machine("on");
    const peer = await enrol(on);
    const all = await dialled(on, peer, reverseConnectionsMax);
    const startMs = performance.now();
    const unpairing = on.calls.unpair({ name: "mallory" });
    await Promise.all(all.map(({ connection }) => connection.closed));
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect(await unpairing).toMatchObject({ connections_closed: reverseConnectionsMax });
    expect(all.flatMap(({ calls }) => calls.filter((path) => path === "unpair")).length).toBe(1);
  });

  test("all of a peer are closed within a second of its own unpairing", async () => {
    await using on = await machine("on");
    const peer = await enrol(on);
    const all = await dialled(on, peer, reverseConnectionsMax);
    using connection = await peer.connect();
    const startMs = performance.now();
    const said = await connection.post("unpair", {}, { token: peer.token });
    expect(said?.status).toBe(200);
    await Promise.all(all.map(({ connection }) => connection.closed));
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

test("a fourth one takes the place of the oldest", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  const all = await dialled(on, peer, reverseConnectionsMax + 1);
  await all[0]?.connection.closed;
  expect(all.map(({ connection }) => connection.isClosed())).toEqual([true, false, false, false]);
});

test("asks go over each of them in turn, and their records say so", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  const all = await dialled(on, peer, reverseConnectionsMax);
  for (let time = 0; time < 2 * reverseConnectionsMax; time += 1) {
    expect(await on.calls.ask(ask)).toMatchObject({ status: "ok", project: "sync" });
  }
  const counts = all.map(({ calls }) => calls.filter((path) => path === "ask").length);
  expect(counts).toEqual([2, 2, 2]);
  // The outcome of an ask is recorded once it was told.
  await until("each is on record", async () => {
    const { records } = await on.calls.audit({ all: true });
    const told = records.filter(({ verb, outcome }) => verb === "ask" && outcome === "ok");
    expect(told.map(({ details }) => details)).toEqual(told.map(() => '{"reverse":"theirs"}'));
    return told.length === 2 * reverseConnectionsMax;
  });
});

test("each carries a hello of its own every minute, and its silence closes none", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const peer = await enrol(on);
  const all = await dialled(on, peer, {
    count: reverseConnectionsMax,
    sweep: time.sweep,
  });
  const hellos = (): number[] =>
    all.map(({ calls }) => calls.filter((path) => path === "hello").length);
  for (let passedMs = 0; passedMs < 2 * idleMs; passedMs += reverseHelloMs) {
    const before = hellos();
    time.pass(reverseHelloMs);
    await until("each had a hello", () => {
      time.sweep();
      return hellos().every((count, at) => count > (before[at] ?? 0));
    });
  }
  expect(all.some(({ connection }) => connection.isClosed())).toBe(false);
});

test("an ask is answered over another one when the first never answers", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  const silent = await dialByHand(on.address, peer.identity, (path) =>
    path === "ask" ? null : helloAnswer,
  );
  await until("its first hello came", () => silent.calls.length > 0);
  const [good] = await dialled(on, peer, 1);
  const startMs = performance.now();
  const asked = [ask, ask].map((each) => on.calls.ask(each));
  expect(await Promise.all(asked)).toMatchObject([{ project: "sync" }, { project: "sync" }]);
  expect(performance.now() - startMs).toBeLessThan(3_000);
  // Its call ends by its deadline, and the connection with it.
  await silent.connection.closed;
  expect(good?.connection.isClosed()).toBe(false);
});

test("one that ends in the middle of a call leaves the ask to another one", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  const ending: DialledByHand = await dialByHand(on.address, peer.identity, (path) => {
    if (path === "hello") return helloAnswer;
    ending.connection.socket.destroy();
    return null;
  });
  await until("its first hello came", () => ending.calls.length > 0);
  await dialled(on, peer, 1);
  for (let time = 0; time < 2; time += 1) {
    expect(await on.calls.ask(ask)).toMatchObject({ status: "ok" });
  }
});

test("one on which bytes come that answer no call is closed", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  const [first] = await dialled(on, peer, 1);
  first?.connection.write("HTTP/1.1 200 OK\r\n\r\n");
  await first?.connection.closed;
});

test("a withdrawn grant closes none", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  const all = await dialled(on, peer, reverseConnectionsMax);
  await on.calls.activate(session());
  await on.calls["peers/revoke"]({ name: "mallory", scopes: null });
  expect(await on.calls.ask(ask)).toMatchObject({ status: "ok" });
  expect(all.some(({ connection }) => connection.isClosed())).toBe(false);
});

test("a peer that answers over them is one-way, and does not look dialled", async () => {
  await using on = await machine("on");
  // Nobody listens there any more.
  const identity = newIdentity();
  const { port } = await closedPort();
  const peer = await enrol(on, { identity, port });
  await dialled(on, peer, 1);
  await on.calls.ask(ask);
  using connection = await peer.connect();
  const said = await connection.post("hello", { ...helloAnswer, port: null }, peer);
  expect(JSON.parse(said?.body ?? "{}")).toMatchObject({ dialled: false });
  const { peers } = await on.calls.peers({});
  expect(peers).toMatchObject([{ link: "one-way", link_reason: "its_connections" }]);
});

test("a peer that answers over them is dialled once in ten minutes or so", async () => {
  const time = moved();
  await using on = await machine("on", time);
  let dials = 0;
  await using server = await tcpServer((socket) => {
    dials += 1;
    socket.destroy();
  });
  const peer = await enrol(on, { port: server.port });
  await until("a dial has failed", () => {
    time.sweep();
    return dials > 0;
  });
  const [one] = await dialled(on, peer, { count: 1, sweep: time.sweep });
  /** The dials so far, once none has come for a second: one is tried again after half of that. */
  const settled = async (): Promise<number> => {
    let [seen, atMs] = [dials, performance.now()];
    await until("no dial comes", () => {
      if (dials !== seen) [seen, atMs] = [dials, performance.now()];
      return performance.now() - atMs > 1_000;
    });
    return dials;
  };
  /** Sweeps through a time; its hellos over the connection are answered meanwhile. */
  const passed = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += reverseHelloMs) {
      const calls = one?.calls.length ?? 0;
      time.pass(reverseHelloMs);
      await until("a hello came", () => {
        time.sweep();
        return (one?.calls.length ?? 0) > calls;
      });
    }
  };
  // Dials from before the connection was there have ended.
  await passed(reverseHelloMs);
  const pausesMs: number[] = [];
  let before = await settled();
  for (let pauseMs = 0; pausesMs.length < 3 && pauseMs < 2 * dialAgainMs; ) {
    await passed(reverseHelloMs);
    pauseMs += reverseHelloMs;
    if (dials === before) continue;
    pausesMs.push(pauseMs);
    [before, pauseMs] = [await settled(), 0];
  }
  expect(pausesMs).toHaveLength(3);
  const leastMs = dialAgainMs * (1 - helloJitter) - 2 * reverseHelloMs;
  const mostMs = dialAgainMs * (1 + helloJitter) + 2 * reverseHelloMs;
  expect(pausesMs.filter((pauseMs) => pauseMs < leastMs || pauseMs > mostMs)).toEqual([]);
});
