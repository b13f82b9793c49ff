import { describe, expect, test } from "bun:test";
import type { Tables } from "../../src/store/database.ts";
import type { PeerRow, TokenRow } from "../../src/store/peers.ts";
import { lease } from "../core/samples.ts";
import { holding } from "../support/grants.ts";
import { type Opened, open, opened } from "./opened.ts";

/** Commits what is done to the tables, and returns what they were left with. */
async function doing<T>(of: Opened, run: (tables: Tables) => T): Promise<T> {
  const queued = of.store.transact((tables) => ({ value: run(tables) }));
  const caught = queued.catch((error: unknown) => error);
  of.flush();
  const outcome = await caught;
  if (outcome instanceof Error) throw outcome;
  return queued;
}

const checkpoint = {
  trail_id: "0190a0a0-0000-7000-8000-0000000000aa",
  seq: 7,
  hash: "a".repeat(64),
  at_ms: 5,
  signature: "s".repeat(86),
};

const peer: PeerRow = {
  fingerprint: "sha256:a",
  name: "mini",
  named_by: "person",
  certificate: "-----BEGIN CERTIFICATE-----\n",
  host: "100.88.4.20",
  port: 7_337,
  grants: holding("ask"),
  their_scopes: ["ask"],
  their_grants: {
    entries: [{ scope: "ask", names: ["api"], expires_in_ms: 5 }],
    told_at_ms: 7,
  },
  token_key: "k".repeat(43),
  bearer: "a.b.c",
  bearer_at_ms: 1_800_000_000_000,
  acknowledged: true,
  exchanged: true,
  refused: true,
  paired_at_ms: 1_800_000_000_001,
  last_seen_at_ms: 1_800_000_000_002,
  checkpoint,
  witness: { ...checkpoint, seq: 6 },
};

const barePeer: PeerRow = {
  fingerprint: "sha256:b",
  name: "studio",
  named_by: "itself",
  certificate: "",
  host: null,
  port: null,
  grants: holding(),
  their_scopes: [],
  their_grants: null,
  token_key: null,
  bearer: null,
  bearer_at_ms: null,
  acknowledged: false,
  exchanged: false,
  refused: false,
  paired_at_ms: 0,
  last_seen_at_ms: null,
  checkpoint: null,
  witness: null,
};

const token: TokenRow = {
  jti: "jti-1",
  fingerprint: peer.fingerprint,
  sha256: "0".repeat(64),
  issued_at_ms: 10,
  expires_at_ms: 20,
  used: false,
};

test("token() finds a token by its number alone", async () => {
  using of = opened();
  const queued = of.store.transact(({ peers }) => {
    peers.put(peer);
    peers.putToken(token);
    return { value: null };
  });
  of.flush();
  await queued;
  expect(of.store.tables.peers.token(token.jti)).toStrictEqual(token);
  expect(of.store.tables.peers.token("jti-2")).toBeNull();
});

describe("leases", () => {
  const full = lease({ started_boot_ms: 12_345.678_901, renewed_boot_ms: 0.1 });
  const bare = lease({
    name: "bare",
    generation: 8,
    session_id: null,
    git: null,
    summary: null,
    state: null,
  });

  test("put() keeps every field of a lease, also to another opening", async () => {
    using of = opened();
    await doing(of, ({ leases }) => [full, bare].forEach(leases.put));
    expect(of.store.tables.leases.all()).toStrictEqual([bare, full]);
    const again = open(of.path);
    expect(again.tables.leases.all()).toStrictEqual([bare, full]);
    again.close();
  });

  test("put() keeps a reading of git whose parts are not known", async () => {
    using of = opened();
    const fresh = lease({ git: { sha: null, subject: null, branch: null, dirty: 0 } });
    await doing(of, ({ leases }) => leases.put(fresh));
    expect(of.store.tables.leases.all()).toStrictEqual([fresh]);
  });

  test("put() replaces the lease of the same name, remove() takes it away", async () => {
    using of = opened();
    const changed = { ...full, generation: 9, summary: "other", cwd: "/x" };
    await doing(of, ({ leases }) => [full, bare, changed].forEach(leases.put));
    expect(of.store.tables.leases.all()).toStrictEqual([bare, changed]);
    await doing(of, ({ leases }) => leases.remove("hydrate"));
    await doing(of, ({ leases }) => leases.remove("never-there"));
    expect(of.store.tables.leases.all()).toStrictEqual([bare]);
  });

  test("nextGeneration() never gives a number twice, also after another opening", async () => {
    using of = opened();
    const draw = ({ leases }: Tables) => [leases.nextGeneration(), leases.nextGeneration()];
    expect(await doing(of, draw)).toEqual([1, 2]);
    expect(await doing(of, draw)).toEqual([3, 4]);
    const again = open(of.path, (run) => run());
    expect(await again.transact((tables) => ({ value: draw(tables) }))).toEqual([5, 6]);
    again.close();
    expect(await doing(of, draw)).toEqual([7, 8]);
  });
});

describe("peers", () => {
  test("put() keeps every field of a peer, nulls as nulls", async () => {
    using of = opened();
    await doing(of, ({ peers }) => [peer, barePeer].forEach(peers.put));
    const { peers } = of.store.tables;
    expect(peers.all()).toStrictEqual([peer, barePeer]);
    expect(peers.get("sha256:a")).toStrictEqual(peer);
    expect(peers.named("studio")).toStrictEqual(barePeer);
    expect([peers.get("studio"), peers.named("sha256:a"), peers.named("MINI")]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("put() changes every field of a known fingerprint, each for itself", async () => {
    using of = opened();
    const changed = { ...barePeer, fingerprint: peer.fingerprint };
    await doing(of, ({ peers }) => peers.put(peer));
    for (const [from, to] of [
      [peer, changed],
      [changed, peer],
    ] as const) {
      let now = from;
      for (const [field, value] of Object.entries(to)) {
        now = { ...now, [field]: value };
        await doing(of, ({ peers }) => peers.put(now));
        expect(of.store.tables.peers.all()).toStrictEqual([now]);
      }
    }
  });

  test("put() of a changed peer keeps its tokens and its answered asks", async () => {
    using of = opened();
    const answered = { fingerprint: "sha256:a", ask_id: "x", boot_ms: 1.5, outcome: "{}" };
    await doing(of, ({ peers }) => {
      peers.put(peer);
      peers.putToken(token);
      peers.putAnswered(answered);
      peers.put({ ...peer, name: "other" });
    });
    const { peers } = of.store.tables;
    expect(peers.tokens("sha256:a")).toStrictEqual([token]);
    expect(peers.answered("sha256:a", "x")).toStrictEqual(answered);
  });

  test("put() refuses the name of another fingerprint", async () => {
    using of = opened();
    await doing(of, ({ peers }) => [peer, barePeer].forEach(peers.put));
    const taking = doing(of, ({ peers }) => peers.put({ ...barePeer, name: "mini" }));
    await expect(taking).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_UNIQUE" });
    expect(of.store.tables.peers.all()).toStrictEqual([peer, barePeer]);
  });

  test("remove() takes a peer with its tokens and answered asks, and nobody else's", async () => {
    using of = opened();
    const other = { ...token, jti: "jti-2", fingerprint: "sha256:b" };
    const answered = { fingerprint: "sha256:b", ask_id: "x", boot_ms: 1, outcome: "{}" };
    await doing(of, ({ peers }) => {
      [peer, barePeer].forEach(peers.put);
      [token, other].forEach(peers.putToken);
      for (const { fingerprint } of [peer, barePeer]) {
        peers.putAnswered({ ...answered, fingerprint });
      }
      peers.remove("sha256:a");
    });
    const { peers } = of.store.tables;
    expect(peers.all()).toStrictEqual([barePeer]);
    expect([peers.tokens("sha256:a"), peers.answered("sha256:a", "x")]).toEqual([[], null]);
    expect(peers.tokens("sha256:b")).toStrictEqual([other]);
    expect(peers.answered("sha256:b", "x")).toStrictEqual(answered);
  });
});

describe("tokens", () => {
  test("putToken() keeps every field, and changes one that is there", async () => {
    using of = opened();
    const older = { ...token, jti: "jti-0", issued_at_ms: 1, used: true };
    await doing(of, ({ peers }) => {
      peers.put(peer);
      [token, older].forEach(peers.putToken);
    });
    const { peers } = of.store.tables;
    expect(peers.tokens("sha256:a")).toStrictEqual([older, token]);
    await doing(of, (tables) => tables.peers.putToken({ ...token, used: true }));
    expect(peers.tokens("sha256:a")).toStrictEqual([older, { ...token, used: true }]);
  });

  test("putToken() refuses one for a machine that is no peer", async () => {
    using of = opened();
    await expect(doing(of, ({ peers }) => peers.putToken(token))).rejects.toMatchObject({
      code: "SQLITE_CONSTRAINT_FOREIGNKEY",
    });
  });

  test("removeToken() takes one, removeTokens() all of a peer", async () => {
    using of = opened();
    const others = ["b", "c"].map((jti) => ({ ...token, jti }));
    await doing(of, ({ peers }) => {
      peers.put(peer);
      [token, ...others].forEach(peers.putToken);
      peers.removeToken("b");
    });
    const { peers } = of.store.tables;
    expect(peers.tokens("sha256:a").map(({ jti }) => jti)).toEqual(["c", "jti-1"]);
    await doing(of, (tables) => tables.peers.removeTokens("sha256:b"));
    expect(peers.tokens("sha256:a").length).toBe(2);
    await doing(of, (tables) => tables.peers.removeTokens("sha256:a"));
    expect(peers.tokens("sha256:a")).toEqual([]);
  });
});

describe("answered asks", () => {
  const ask = (ask_id: string, boot_ms: number) => ({
    fingerprint: "sha256:a",
    ask_id,
    boot_ms,
    outcome: `{"ok":true,"id":"${ask_id}"}`,
  });
  const kept = (of: Opened): string[] =>
    ["a", "b", "c", "d"].filter((id) => of.store.tables.peers.answered("sha256:a", id) !== null);
  const answeredAt = (of: Opened, ...instants: readonly number[]): Promise<void> =>
    doing(of, ({ peers }) => {
      peers.put(peer);
      for (const [index, at] of instants.entries()) peers.putAnswered(ask("abcd"[index] ?? "", at));
    });

  test("putAnswered() keeps an outcome by peer and ask, and refuses a second one", async () => {
    using of = opened();
    await answeredAt(of, 100.25);
    expect(of.store.tables.peers.answered("sha256:a", "a")).toStrictEqual(ask("a", 100.25));
    expect(of.store.tables.peers.answered("sha256:b", "a")).toBeNull();
    await expect(doing(of, ({ peers }) => peers.putAnswered(ask("a", 200)))).rejects.toMatchObject({
      code: "SQLITE_CONSTRAINT_PRIMARYKEY",
    });
  });

  test("forgetAnsweredOutside() keeps both ends of the span, and nothing beyond them", async () => {
    using of = opened();
    await answeredAt(of, 99.9, 100, 200, 200.1);
    const span = { fromBootMs: 100, toBootMs: 200 };
    await doing(of, ({ peers }) => peers.forgetAnsweredOutside(span));
    expect(kept(of)).toEqual(["b", "c"]);
  });

  test("answeredSpan() is from the first answered ask to the last, null without one", async () => {
    using of = opened();
    const { peers } = of.store.tables;
    expect(peers.answeredSpan()).toBeNull();
    await answeredAt(of, 300, 100.25, 200);
    expect(peers.answeredSpan()).toEqual({ fromBootMs: 100.25, toBootMs: 300 });
  });
});
