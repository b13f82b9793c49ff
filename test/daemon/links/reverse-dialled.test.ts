/** The machine that dials reverse connections, and serves its peer's calls on them. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { reverseConnectionsMax, reverseSilenceMs } from "../../../src/contract/limits/reverse.ts";
import { idleMs } from "../../../src/contract/limits.ts";
import { type Machine, machine, pair, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { askFor, hello } from "../attack/asking.ts";
import { codeOf, newIdentity } from "../attack/connection.ts";
import { rowsOf } from "../attack/disk.ts";
import { moved } from "../attack/moved.ts";
import { anyShare, enrol, type HandPeer } from "../attack/pairing.ts";
import { helloAnswer, refusalBytes, type TakerByHand, takeByHand } from "../attack/reverse.ts";

setDefaultTimeout(60_000);

interface Joined {
  readonly peer: HandPeer;
  readonly taker: TakerByHand;
}

/** Pairs a machine with one by hand that takes reverse connections. */
async function joined(on: Machine, features?: readonly string[]): Promise<Joined> {
  const identity = newIdentity();
  const taker = await takeByHand(identity, features);
  return { peer: await enrol(on, { identity, port: taker.port }), taker };
}

/** Waits until so many reverse connections are open. */
const opens = (taker: TakerByHand, count: number): Promise<void> =>
  until(`${count} are open`, () => taker.open().length === count);

/** Lets a taker answer by a rule; returns the number of its answers so far. */
function answering(taker: TakerByHand, rule: (count: number) => unknown): () => number {
  let count = 0;
  Object.defineProperty(taker, "answer", {
    get: () => {
      count += 1;
      return rule(count);
    },
  });
  return () => count;
}

test("three are kept to a peer that cannot dial this machine", async () => {
  await using on = await machine("on");
  const { taker } = await joined(on);
  await using _taker = taker;
  await opens(taker, reverseConnectionsMax);
  const { peers } = await on.calls.peers({});
  expect(peers).toMatchObject([{ link: "one-way", link_reason: "own_connections" }]);
  taker.open()[0]?.socket.destroy();
  await until("a fourth was dialled", () => taker.taken.length > reverseConnectionsMax);
  expect(taker.open().length).toBeLessThanOrEqual(reverseConnectionsMax);
});

test("none is dialled to an older peer, nor to one that can dial this machine", async () => {
  for (const answer of [
    { ...helloAnswer, features: ["grants"], dialled: false },
    { ...helloAnswer, features: ["reverse"], dialled: true },
  ]) {
    const time = moved();
    await using on = await machine("on", time);
    const { taker } = await joined(on);
    await using _taker = taker;
    taker.answer = answer;
    await until("the hello was answered", async () => {
      time.sweep();
      return (await on.calls.peers({})).peers[0]?.version !== null;
    });
    for (let times = 0; times < 5; times += 1) {
      time.pass(10_000);
      time.sweep();
    }
    expect(taker.taken.length).toBe(0);
  }
});

test("they are let go once the peer can dial this machine", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const { taker } = await joined(on);
  await using _taker = taker;
  await until("they are open", () => {
    time.sweep();
    return taker.open().length === reverseConnectionsMax;
  });
  taker.answer = { ...helloAnswer, features: ["reverse"], dialled: true };
  time.pass(40_000);
  await until("they are closed", () => {
    time.sweep();
    return taker.open().length === 0;
  });
});

test("a peer is answered on each as on any other, and the record says whose it was", async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  const { taker, peer } = await joined(on);
  await using _taker = taker;
  await opens(taker, reverseConnectionsMax);
  for (const connection of taker.open()) {
    expect((await connection.post("hello", hello, peer.token))?.status).toBe(200);
    expect((await connection.post("ask", askFor(), peer.token))?.status).toBe(200);
  }
  const { records } = await on.calls.audit({ all: true });
  const asks = records.filter(({ verb }) => verb === "ask");
  expect(asks.map(({ details, origin_transport }) => [details, origin_transport])).toEqual(
    asks.map(() => ['{"reverse":"ours"}', "loopback"]),
  );
  expect(asks.length).toBe(reverseConnectionsMax);
  const { peers } = await on.calls.peers({});
  expect(peers).toMatchObject([{ link_reason: "own_connections" }]);
});

const promise =
  "P52: A reverse connection is kept for a live peer alone, opens no window and pairs nobody, " +
  "and ends within one second of an unpairing or a refusal.";

describe(promise, () => {
  test("a window, a pairing and an unknown path are not there", async () => {
    await using on = await machine("on");
    const { taker, peer } = await joined(on);
    await using _taker = taker;
    await opens(taker, reverseConnectionsMax);
    for (const [path, body] of [
      ["window", {}],
      ["pair/share", anyShare],
      ["pair/confirm", { tag: "" }],
      ["meet", {}],
    ] as const) {
      const [connection] = taker.open();
      const reply = await connection?.post(path, body, peer.token);
      expect([path, reply?.status, codeOf(reply ?? null)]).toEqual([
        path,
        404,
        "operation_unknown",
      ]);
      await connection?.closed;
      await until("it was dialled again", () => taker.open().length > 0);
    }
  });

  test("a call without the peer's token is refused", async () => {
    await using on = await machine("on");
    const { taker } = await joined(on);
    await using _taker = taker;
    await opens(taker, reverseConnectionsMax);
    const [one, other] = taker.open();
    expect((await one?.post("ask", askFor()))?.status).toBe(401);
    expect((await other?.post("ask", askFor(), "a.b.c"))?.status).toBe(401);
  });

  test("all are closed within a second of an unpairing here, and of the peer's own", async () => {
    for (const isOwn of [true, false]) {
      await using on = await machine("on");
      const { taker, peer } = await joined(on);
      await using _taker = taker;
      await opens(taker, reverseConnectionsMax);
      const open = taker.open();
      const startMs = performance.now();
      if (isOwn) await on.calls.unpair({ name: "mallory" });
      else expect((await open[0]?.post("unpair", {}, peer.token))?.status).toBe(200);
      await Promise.all(open.map(({ closed }) => closed));
      expect([isOwn, performance.now() - startMs < 1_000]).toEqual([isOwn, true]);
      expect(taker.open().length).toBe(0);
    }
  });

  test("all are closed once the peer refuses this machine", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const { taker } = await joined(on);
    await using _taker = taker;
    await until("they are open", () => {
      time.sweep();
      return taker.open().length === reverseConnectionsMax;
    });
    const asked = answering(taker, () => refusalBytes);
    time.pass(40_000);
    // One rejected credential proves nothing: a second hello, and its exchange, are rejected too.
    await until("it has refused twice", () => {
      if (asked() < 3) {
        time.pass(100);
        time.sweep();
      }
      return asked() >= 4;
    });
    await until("they are closed", () => taker.open().length === 0);
    expect((await on.calls.peers({})).peers).toMatchObject([{ link: "refused" }]);
  });
});

test("a silent one is left open past the limits of others, and then dialled again", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const { taker } = await joined(on);
  await using _taker = taker;
  await until("they are open", () => {
    time.sweep();
    return taker.open().length === reverseConnectionsMax;
  });
  const first = taker.open();
  time.pass(idleMs + 1_000);
  time.sweep();
  await on.calls.status({});
  expect(taker.open()).toEqual(first);
  time.pass(reverseSilenceMs - idleMs);
  await until("others are open", () => {
    time.pass(1_000);
    time.sweep();
    const open = taker.open();
    return open.length === reverseConnectionsMax && !open.some((each) => first.includes(each));
  });
});

test("a peer that ends each at once is dialled ever less often", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const { taker } = await joined(on);
  await using _taker = taker;
  taker.isCutting = true;
  // A minute of sweeps.
  for (let second = 0; second < 60; second += 1) {
    time.pass(1_000);
    time.sweep();
    await on.calls.status({});
  }
  expect(taker.taken.length).toBeGreaterThan(0);
  expect(taker.taken.length).toBeLessThanOrEqual(5 * reverseConnectionsMax);
});

test("exchanges from both sides at once leave both credentials good", async () => {
  const times = [moved(), moved()] as const;
  await using mini = await machine("mini", times[0]);
  await using laptop = await machine("laptop", { ...times[1], isUnlistening: true });
  await pair(mini, laptop);
  const linksAre = async (): Promise<string> => {
    for (const { sweep } of times) sweep();
    const peers = await Promise.all([mini, laptop].map((on) => on.calls.peers({})));
    return peers.map(({ peers: [peer] }) => peer?.link_reason ?? peer?.link).join();
  };
  await until("both can ask", async () => (await linksAre()) === "its_connections,own_connections");
  for (let round = 0; round < 5; round += 1) {
    // Two thirds of a token's life, and the next hellos are due.
    for (const time of times) time.move({ wallMs: 21 * 86_400_000 });
    for (const time of times) time.pass(40_000);
    const minted = (): string[] =>
      [mini, laptop].flatMap(({ home }) =>
        rowsOf(home, "SELECT jti FROM token").map((row) => JSON.stringify(row)),
      );
    const before = minted();
    await until("both have new tokens", async () => {
      // The next hellos come in their own time.
      for (const time of times) time.pass(10);
      // A hello that meets the exchange may end its connection, and nothing else.
      expect(await linksAre()).not.toMatch(/refused|not_accepted|unpaired/);
      return minted().every((jti) => !before.includes(jti));
    });
    await until("both can ask", async () => {
      for (const time of times) time.pass(10);
      return (await linksAre()) === "its_connections,own_connections";
    });
  }
});

test("a credential that is rejected once is tried again, and the connections stay", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const { taker } = await joined(on);
  await using _taker = taker;
  await until("they are open", () => {
    time.sweep();
    return taker.open().length === reverseConnectionsMax;
  });
  const first = taker.open();
  const good = taker.answer;
  // A hello, and the exchange of tokens that follows it.
  const asked = answering(taker, (count) => (count <= 2 ? refusalBytes : good));
  time.pass(40_000);
  await until("it is asked again", async () => {
    time.pass(100);
    time.sweep();
    expect((await on.calls.peers({})).peers[0]?.link).not.toBe("refused");
    return asked() > 2;
  });
  expect(taker.open()).toEqual(first);
});
