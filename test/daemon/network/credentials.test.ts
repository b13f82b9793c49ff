/** Every row of the wire table, asked with every kind of credential there is. */

import { beforeAll, describe, expect, test } from "bun:test";
import { tokenLifeMs } from "../../../src/contract/limits.ts";
import { wire } from "../../../src/contract/wire.ts";
import type { Identity } from "../../../src/peer/identity.ts";
import { type Machine, machine, session } from "../../support/daemon.ts";
import { sampleEnded } from "../../support/tasks.ts";
import { codeOf, connectTo, newIdentity, type Reply } from "../attack/connection.ts";
import { type Moved, moved } from "../attack/moved.ts";
import { aboutOf, anyShare, enrol, type HandPeer, someToken, wrongTag } from "../attack/pairing.ts";

type Row = keyof typeof wire;

const isRead = (row: Row): row is Extract<Row, `read/${string}`> => row.startsWith("read/");

type TaskRow = Extract<Row, `task/${string}` | `blob/${string}`>;
const isTask = (row: Row): row is TaskRow => row.startsWith("task/") || row.startsWith("blob/");

const taskBody = (row: TaskRow, uuid: string): unknown => {
  switch (row) {
    case "task/submit":
    case "task/say":
      return { task_id: uuid, document: "{}", digest: "0".repeat(64) };
    case "task/check":
      return { repository: "web", profile: "query", runner: null, base: null, bundled: false };
    case "task/stop":
    case "task/discard":
      return { task_id: uuid };
    case "task/event":
      return {
        ...{ task_id: uuid, round: 1, version: 1, state: "running", reason: null, age_ms: 0 },
      };
    case "task/result":
      return sampleEnded(uuid);
    case "blob/put":
      return { id: { task_id: uuid, round: 1, part: "bundle" }, offset: 0, data: "" };
    case "blob/get":
      return { id: { task_id: uuid, round: 1, part: "log" }, offset: 0 };
    default:
      return row satisfies never;
  }
};

const bodyOf = (row: Row, identity: Identity): unknown => {
  const uuid = Bun.randomUUIDv7();
  const read = { repository: "a", handle: null, at: null, path: "a", pattern: "a" };
  if (isRead(row)) return { reading_id: uuid, ...read };
  if (isTask(row)) return taskBody(row, uuid);
  switch (row) {
    case "window":
    case "unpair":
      return {};
    case "pair/share":
      return anyShare;
    case "pair/confirm":
      return { tag: wrongTag };
    case "token":
    case "meet":
      return { token: someToken, about: aboutOf(identity, {}) };
    case "hello":
      return { version: "1", protocols: [1], scopes: [], checkpoint: null, witness: null };
    case "ask":
      return { ask_id: uuid, thread_id: uuid, handle: "hydrate", question: null };
    case "wait":
      return {
        ...{ wait_id: uuid, handle: "hydrate", until: "idle", for_ms: 1 },
        since: { lease_id: null },
      };
    case "overlap":
      return { repositories: [] };
    case "wait/end":
      return { wait_ids: [uuid] };
    case "reached":
      return { wait_id: uuid, outcome: "ended", reason: null, answer: null };
    case "message":
      return {
        ...{ message_id: uuid, thread_id: uuid, reply_to: null },
        ...{ from: null, to: null, by: "person" },
        ...{ text: "hello", salt: "A".repeat(22), age_ms: 0, expires_in_ms: 1_000 },
      };
    case "subjects":
      return { after: null };
    case "receipt":
      return {
        receipts: [{ message_id: uuid, version: 1, stage: "stored", reason: null, age_ms: 0 }],
      };
    default:
      return row satisfies never;
  }
};

/** The credentials of a caller. */
interface Shown {
  readonly identity: Identity | null;
  readonly token?: string;
}

/** The base of a state of credentials: a machine, a peer of it, and its clocks. */
interface Given {
  readonly on: Machine;
  readonly peer: HandPeer;
  readonly time: Moved;
}

type State = (given: Given) => Shown | Promise<Shown>;

/** Exchanges a peer's tokens, and uses the new one. */
async function exchanged({ on, peer }: Given): Promise<string> {
  const connection = await peer.connect();
  const body = bodyOf("token", peer.identity);
  const reply = await connection.post("token", body, { token: peer.token });
  const { token } = JSON.parse(reply?.body ?? "{}");
  expect((await connection.post("hello", bodyOf("hello", peer.identity), { token }))?.status).toBe(
    200,
  );
  connection[Symbol.dispose]();
  expect((await on.calls.peers({})).peers).toHaveLength(1);
  return token;
}

/** A token that is well signed, by another machine, for the very same peer. */
async function tokenElsewhere(identity: Identity): Promise<string> {
  await using elsewhere = await machine("elsewhere");
  return (await enrol(elsewhere, { identity })).token;
}

const garbage = `${"A".repeat(40)}.${"B".repeat(200)}.${"C".repeat(86)}`;

const refusedStates: Readonly<Record<string, State>> = {
  "no certificate, no token": () => ({ identity: null }),
  "no certificate, a peer's token": ({ peer }) => ({ identity: null, token: peer.token }),
  "a stranger without a token": () => ({ identity: newIdentity() }),
  "a stranger with garbage": () => ({ identity: newIdentity(), token: garbage }),
  "a stranger with a peer's token": ({ peer }) => ({ identity: newIdentity(), token: peer.token }),
  "a peer without a token": ({ peer: { identity } }) => ({ identity }),
  "a peer with garbage": ({ peer: { identity } }) => ({ identity, token: garbage }),
  "a peer with a token that lost a byte": ({ peer: { identity, token } }) => ({
    identity,
    token: token.slice(0, -1),
  }),
  "a peer with the token it gave itself": ({ peer: { identity, given } }) => ({
    identity,
    token: given,
  }),
  "a peer with another machine's token": async ({ peer: { identity } }) => ({
    identity,
    token: await tokenElsewhere(identity),
  }),
  "a peer with another peer's token": async ({ on, peer: { identity } }) => ({
    identity,
    token: (await enrol(on, { name: "other" })).token,
  }),
  "a peer whose token was replaced by a newer one": async (given) => {
    await exchanged(given);
    return { identity: given.peer.identity, token: given.peer.token };
  },
  "a peer that was unpaired": async ({ on, peer: { identity, token } }) => {
    await on.calls.unpair({ name: "mallory" });
    return { identity, token };
  },
  "a peer that unpaired": async ({ peer: { identity, token, connect } }) => {
    using connection = await connect();
    expect((await connection.post("unpair", {}, { token }))?.status).toBe(200);
    return { identity, token };
  },
  "a peer that was paired again": async ({ on, peer: { identity, token } }) => {
    await enrol(on, { identity });
    return { identity, token };
  },
};

/** Every reply in this state, by row; a new connection for each. */
async function repliesIn(
  state: State,
  body: (row: Row, identity: Identity) => unknown = bodyOf,
): Promise<Map<Row, Reply | null>> {
  const time = moved();
  await using on = await machine("on", time);
  await on.calls.activate(session());
  const peer = await enrol(on);
  const { identity, token } = await state({ on, peer, time });
  const replies = new Map<Row, Reply | null>();
  // A call that ends the pairing comes last.
  const rows = (Object.keys(wire) as Row[]).filter((row) => row !== "unpair");
  for (const row of [...rows, "unpair"] as const) {
    using connection = await connectTo(on.address, { identity });
    const sending = token === undefined ? {} : { token };
    replies.set(row, await connection.post(row, body(row, peer.identity), sending));
  }
  return replies;
}

const authenticated = ["token", "hello", "ask", "unpair"] as const;

const bytesOf = (reply: Reply | null | undefined): string =>
  `${reply?.head.replace(/^date: .*$/im, "date:")}\r\n\r\n${reply?.body}`;

/** The one reply to a caller without credentials. */
let refusal = "";
beforeAll(async () => {
  const replies = await repliesIn(() => ({ identity: null }));
  refusal = bytesOf(replies.get("ask"));
});

const promise =
  "P14: An unknown, expired, revoked or missing credential gets one answer, the same for all.";

describe(promise, () => {
  test("the answer is a 401 of our one shape", () => {
    expect(refusal).toStartWith("HTTP/1.1 401 Unauthorized\r\n");
    const hint = '"hint":"peernet pair"';
    const message = '"message":"the credential is missing or not accepted"';
    expect(refusal).toEndWith(`\r\n\r\n{"error":{"code":"unauthenticated",${message},${hint}}}`);
  });

  for (const [name, state] of Object.entries(refusedStates)) {
    test(name, async () => {
      const replies = await repliesIn(state);
      expect(replies.get("window")?.body).toBe('{"open":false}');
      for (const row of authenticated)
        expect([row, bytesOf(replies.get(row))]).toEqual([row, refusal]);
    });

    test(`${name}, with a body that is not even JSON`, async () => {
      const replies = await repliesIn(state, () => "{");
      for (const row of authenticated)
        expect([row, bytesOf(replies.get(row))]).toEqual([row, refusal]);
    });
  }

  test("an expired token, but for the exchange that renews it", async () => {
    const replies = await repliesIn(({ peer: { identity, token }, time }) => {
      time.move({ wallMs: tokenLifeMs });
      return { identity, token };
    });
    for (const row of ["hello", "ask", "unpair"] as const) {
      expect([row, bytesOf(replies.get(row))]).toEqual([row, refusal]);
    }
    expect(replies.get("token")?.status).toBe(200);
  });

  test("a token in its last second is good", async () => {
    const replies = await repliesIn(({ peer: { identity, token }, time }) => {
      time.move({ wallMs: tokenLifeMs - 1_000 });
      return { identity, token };
    });
    for (const row of authenticated) expect([row, replies.get(row)?.status]).toEqual([row, 200]);
  });

  test("a revoked token that asks faster than a peer may", async () => {
    await using on = await machine("on");
    const { identity, token } = await enrol(on);
    await on.calls.unpair({ name: "mallory" });
    const replies = new Set<string>();
    for (let number = 0; number < 60; number += 1) {
      using connection = await connectTo(on.address, { identity });
      replies.add(bytesOf(await connection.post("ask", bodyOf("ask", identity), { token })));
    }
    expect([...replies]).toEqual([refusal]);
  });
});

test("a row answers a peer with its token, and with less once its grant is withdrawn", async () => {
  const good = await repliesIn(({ peer: { identity, token } }) => ({ identity, token }));
  for (const row of authenticated) expect([row, good.get(row)?.status]).toEqual([row, 200]);
  const paused = await repliesIn(async ({ on, peer: { identity, token } }) => {
    await on.calls["peers/revoke"]({ name: "mallory", scopes: null });
    return { identity, token };
  });
  expect(codeOf(paused.get("ask") ?? null)).toBe("scope_denied");
  expect(JSON.parse(paused.get("hello")?.body ?? "")).toMatchObject({ scopes: [], handles: null });
  for (const row of ["token", "hello", "unpair"] as const) {
    expect([row, paused.get(row)?.status]).toEqual([row, 200]);
  }
});
