/** Entries of the outbox that must reach a peer, whatever it does, and those that must not. */

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { endOf } from "../attack/asking.ts";
import { rowsOf } from "../attack/disk.ts";
import { refusalOf } from "../attack/refusal.ts";
import { replyOf } from "../attack/server.ts";
import { commit, taken, type Waiter, waiter } from "./waiter.ts";

const name = "mallory";
const entriesOf = async ({ on }: Waiter) => (await on.calls.outbox({})).entries;
const isEmpty = async (of: Waiter): Promise<boolean> => (await entriesOf(of)).length === 0;
const failing = () => replyOf({ error: { code: "internal" } }, "500 Internal Server Error");
const bodyOf = (reply: { readonly body: string } | null) => JSON.parse(reply?.body ?? "{}");
const ask = (names: string[] | null) => ({ name, entries: [{ scope: "ask" as const, names }] });

describe("an entry of the outbox", () => {
  test("is sent again while its reply is lost, and removed by the reply", async () => {
    await using of = await waiter();
    expect(bodyOf(await of.wait())).toMatchObject({ outcome: "waiting", answer: null });
    of.answering = () => null;
    await commit(of.on);
    await until("it was told", () => of.told.length > 0);
    expect(await entriesOf(of)).toMatchObject([{ peer: name, kind: "reached", failures: 0 }]);
    of.answering = taken;
    await until("nothing waits", () => isEmpty(of));
    expect(new Set(of.told.map(({ wait_id }) => wait_id)).size).toBe(1);
    const told = rowsOf(of.on.home, "SELECT outcome FROM audit WHERE verb = 'wait'");
    expect(told.filter((row) => JSON.stringify(row).includes("reached")).length).toBe(
      new Set(of.told.map((each) => JSON.stringify(each))).size,
    );
  });

  test("is sent after a restart of the daemon", async () => {
    await using of = await waiter();
    await of.wait();
    of.answering = failing;
    await commit(of.on);
    await until("it failed", async () => (await entriesOf(of))[0]?.failures === 1);
    of.answering = taken;
    const before = of.told.length;
    await using again = await of.on.restart();
    await until("nothing waits", async () => (await again.calls.outbox({})).entries.length === 0);
    expect(of.told.length).toBeGreaterThan(before);
  });

  test("that the peer refuses for good is removed", async () => {
    await using of = await waiter();
    await of.wait();
    of.answering = () => replyOf({ error: { code: "id_unknown" } }, "404 Not Found");
    await commit(of.on);
    await until("it was told", () => of.told.length > 0);
    await until("nothing waits", () => isEmpty(of));
    expect(of.told).toHaveLength(1);
  });

  test("that fails at the peer holds up no other subject, and can be dropped", async () => {
    await using of = await waiter();
    const poisoned = Bun.randomUUIDv7();
    await of.wait({ wait_id: poisoned });
    await of.wait();
    of.answering = (told) => (told.wait_id === poisoned ? failing() : replyOf({}));
    await commit(of.on);
    const left = async () => (await entriesOf(of)).map(({ subject_id }) => subject_id);
    await until("the other went", async () => (await left()).join() === poisoned);
    await until("it failed", async () => ((await entriesOf(of))[0]?.failures ?? 0) > 0);
    expect((await of.on.calls.status({})).outbox).toEqual([{ peer: name, entries: 1, stuck: 0 }]);
    const [entry] = await entriesOf(of);
    const end = entry?.id.slice(-8) ?? "";
    expect(await of.on.calls["outbox/drop"]({ id: end })).toMatchObject({ id: entry?.id ?? "" });
    expect(await isEmpty(of)).toBe(true);
    const refused = await refusalOf(of.on.calls["outbox/drop"]({ id: end }));
    expect([refused.code, refused.hint]).toEqual(["id_unknown", "peernet outbox"]);
  });
});

/** Has an entry composed for a peer whose new connection is held up, so that it has not left. */
async function composed(of: Waiter): Promise<void> {
  await of.wait();
  of.path.hold();
  await commit(of.on);
  const reached = "SELECT 1 FROM audit WHERE verb = 'wait' AND outcome = 'reached'";
  await until("it was composed", () => rowsOf(of.on.home, reached).length > 0);
  await until("its connection is held up", () => of.path.held() > 0);
}

/** Has an entry wait that the peer does not take. */
async function held(of: Waiter): Promise<number> {
  await of.wait();
  of.answering = failing;
  await commit(of.on);
  await until("it failed", async () => ((await entriesOf(of))[0]?.failures ?? 0) > 0);
  of.answering = taken;
  return of.told.length;
}

describe("P43: What waits for a peer is composed as it leaves, and tells what its grant then permits.", () => {
  test("a grant that ends takes what waits with it, in its own transaction", async () => {
    await using of = await waiter();
    const before = await held(of);
    await of.on.calls["peers/revoke"]({ name, scopes: null });
    expect(await isEmpty(of)).toBe(true);
    await of.on.calls["peers/grant"](ask(null));
    await commit(of.on);
    // A wait that comes later is told: nothing that came before it was.
    await of.wait();
    await commit(of.on);
    await until("the later one was told", () => of.told.length > before);
    expect(new Set(of.told.slice(before).map(({ wait_id }) => wait_id)).size).toBe(1);
    expect(of.told.at(-1)?.wait_id).not.toBe(of.told[0]?.wait_id);
  });

  test("a grant that leaves the handle out makes what waits an end without facts", async () => {
    await using of = await waiter();
    const before = await held(of);
    await of.on.calls["peers/grant"](ask(["other"]));
    await until("it was told", () => of.told.length > before);
    expect(of.told.at(-1)).toMatchObject({ outcome: "ended", reason: null, answer: null });
  });

  test("a grant that hides the state hides it in what waits", async () => {
    await using of = await waiter();
    const before = await held(of);
    await of.on.calls["peers/grant"]({ ...ask(null), hide: ["state"] });
    await until("it was told", () => of.told.length > before);
    const hidden = { outcome: "reached", answer: { session: { state: null } } };
    expect(of.told.at(-1)).toMatchObject(hidden);
  });

  test("a grant that ends during the dial of what waits holds it back", async () => {
    await using of = await waiter();
    await composed(of);
    await of.on.calls["peers/revoke"]({ name, scopes: null });
    of.path.release();
    // What comes later is told, over the same path: nothing that came before it was.
    await of.on.calls["peers/grant"](ask(null));
    const later = Bun.randomUUIDv7();
    await of.wait({ wait_id: later });
    await commit(of.on);
    await until("the later one was told", () => of.told.length > 0);
    expect(of.told.map(({ wait_id }) => wait_id)).toEqual([later]);
  });

  test("a fact hidden during the dial of what waits is not in it", async () => {
    await using of = await waiter();
    await composed(of);
    await of.on.calls["peers/grant"]({ ...ask(null), hide: ["branch"] });
    of.path.release();
    await until("it was told", () => of.told.length > 0);
    expect(of.told.map(({ answer }) => answer?.git?.branch)).toEqual([null]);
  });

  test("an unpairing takes what waits with it", async () => {
    await using of = await waiter();
    const before = await held(of);
    await of.on.calls.unpair({ name });
    expect(await isEmpty(of)).toBe(true);
    expect(of.told.length).toBe(before);
  });

  test("an unpairing by the peer takes what waits for it with it", async () => {
    await using of = await waiter();
    const before = await held(of);
    using connection = await of.peer.connect();
    const { token } = of.peer;
    expect(endOf(await connection.post("unpair", {}, { token }))).toBe("200");
    expect(await isEmpty(of)).toBe(true);
    expect(rowsOf(of.on.home, "SELECT * FROM incoming_wait")).toEqual([]);
    expect(of.told.length).toBe(before);
  });
});

describe("P44: A wait tells a peer nothing that an ask would not.", () => {
  test("what the grant hides is not waited for", async () => {
    await using of = await waiter();
    await of.on.calls["peers/grant"]({ ...ask(null), hide: ["state"] });
    const hidden = { outcome: "ended", reason: "hidden", answer: null };
    expect(bodyOf(await of.wait({ until: "idle" }))).toMatchObject(hidden);
    expect(bodyOf(await of.wait({ until: "commit" }))).toMatchObject({ outcome: "waiting" });
  });

  test("a handle outside of the grant is as one that is not there", async () => {
    await using of = await waiter();
    await of.on.calls["peers/grant"](ask(["other"]));
    const [outside, missing] = [await of.wait(), await of.wait({ handle: "missing" })];
    expect(endOf(outside)).toBe("handle_unknown");
    const said = (reply: typeof outside) => reply?.body.replaceAll(/hydrate|missing/g, "NAME");
    expect(said(outside)).toBe(said(missing) ?? "");
    await of.on.calls["peers/revoke"]({ name, scopes: null });
    expect(endOf(await of.wait())).toBe("scope_denied");
  });

  test("a wait that goes on tells nothing more, and each that tells is recorded", async () => {
    await using of = await waiter();
    const again = { wait_id: Bun.randomUUIDv7() };
    expect(bodyOf(await of.wait(again)).since).toMatchObject({ state: null });
    expect(bodyOf(await of.wait(again))).toMatchObject({ outcome: "waiting", since: null });
    expect(endOf(await of.wait({ ...again, until: "gone" }))).toBe("id_conflict");
    await commit(of.on);
    await until("it was told", () => of.told.length > 0);
    const rows = rowsOf(of.on.home, "SELECT outcome FROM audit WHERE verb = 'wait' ORDER BY seq");
    const outcomes = rows.map((row) => Object(row).outcome);
    expect(outcomes).toEqual(["waiting", "id_conflict", "reached"]);
  });
});

test("a peer has 16 waits at most, and a place again when one has ended", async () => {
  await using of = await waiter();
  const ids = Array.from({ length: 16 }, () => Bun.randomUUIDv7());
  for (const wait_id of ids) expect(endOf(await of.wait({ wait_id }))).toBe("200");
  expect(endOf(await of.wait())).toBe("wait_limit");
  expect(endOf(await of.wait({ wait_id: ids[3] }))).toBe("200");
  using connection = await of.peer.connect();
  const { token } = of.peer;
  expect(endOf(await connection.post("wait/end", { wait_ids: [ids[3]] }, { token }))).toBe("200");
  expect(endOf(await of.wait())).toBe("200");
});
