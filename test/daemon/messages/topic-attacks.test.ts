/** Topics against a peer that a test plays: forged, repeated, and too many. */

import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { mailboxMax } from "../../../src/contract/messages/limits.ts";
import { topicsMax } from "../../../src/contract/topics/limits.ts";
import { faultsWanted, longWanted } from "../../support/skip.ts";
import { askOnce, endOf } from "../attack/asking.ts";
import { agent, model, person } from "./exchange.ts";
import { facing, leaving, left, post, stored } from "./forged.ts";

setDefaultTimeout(1_800_000);

const topical = (more: object = {}) => leaving({ to: null, topic: "deploys", ...more });

const toldBySubscription =
  "P68: A topic reaches a machine only where its grant and a subscription there agree, and a peer " +
  "learns of no other.";

describe(toldBySubscription, () => {
  test("a topic outside of the grant is answered like one without a subscriber", async () => {
    await using of = await facing({ names: ["@deploys"] });
    await of.on.calls["topics/subscribe"]({ topic: "salaries", from: person });
    const replies = await Promise.all(
      ["salaries", "deploys", "nothing"].map((topic) =>
        post(of.mallory, "message", topical({ topic })),
      ),
    );
    expect(new Set(replies.map((reply) => reply?.body)).size).toBe(1);
    expect(replies.map(endOf)).toEqual(Array(3).fill("handle_unknown"));
    expect(stored(of.on)).toEqual([]);
  });

  test("a grant for every handle, of a machine that is not one's own, names no topic", async () => {
    await using of = await facing();
    await of.on.calls["topics/subscribe"]({ topic: "deploys", from: person });
    expect(await left(of.mallory, topical())).toBe("handle_unknown");
    expect(stored(of.on)).toEqual([]);
  });

  test("a grant for a topic opens no handle, and not the person's mailbox", async () => {
    await using of = await facing({ names: ["@deploys"] });
    await of.on.calls["topics/subscribe"]({ topic: "deploys", from: model("hydrate") });
    expect(await left(of.mallory, leaving())).toBe("handle_unknown");
    expect(await left(of.mallory, leaving({ to: null }))).toBe("handle_unknown");
    expect(await left(of.mallory, topical({ to: "api" }))).toBe("200");
    expect(stored(of.on).map(({ name }) => name)).toEqual(["hydrate"]);
  });

  test("it starts no turn, whatever the peer may and claims", async () => {
    await using of = await facing({ names: ["@deploys", "hydrate"] });
    await of.on.calls["peers/grant"]({
      ...{ name: "mallory", entries: [{ scope: "wake", names: null }] },
    });
    await of.on.calls["topics/subscribe"]({ topic: "deploys", from: model("hydrate") });
    expect(await left(of.mallory, topical({ quiet: false, by: "person" }))).toBe("200");
    const [row] = stored(of.on);
    expect(row).toMatchObject({ quiet: 1, waking: "never" });
  });

  test("the same id is stored once, and another text under it is refused", async () => {
    await using of = await facing({ names: ["@deploys"] });
    for (const name of ["hydrate", "api"]) {
      await of.on.calls["topics/subscribe"]({ topic: "deploys", from: model(name) });
    }
    const first = topical();
    const replies = [await post(of.mallory, "message", first)];
    replies.push(await post(of.mallory, "message", first));
    expect(replies.map((reply) => reply?.body)).toEqual(
      Array(2).fill(JSON.stringify({ stage: "stored", next: null })),
    );
    expect(await left(of.mallory, { ...first, text: "other" })).toBe("id_conflict");
    expect(await left(of.mallory, { ...first, topic: null, to: "hydrate" })).toBe("200");
    expect(stored(of.on).map(({ name }) => name)).toEqual(["api", "hydrate"]);
  });

  test("held for a person like any text of that machine", async () => {
    await using of = await facing({ names: ["@deploys"], hold: true });
    await of.on.calls["topics/subscribe"]({ topic: "deploys", from: model("hydrate") });
    const reply = await post(of.mallory, "message", topical());
    expect(JSON.parse(reply?.body ?? "")).toEqual({ stage: "held", next: null });
  });
});

const many = faultsWanted || longWanted ? 100_000 : 2_000;

test(`${many} messages to ${topicsMax} topics fill mailboxes to their bound alone`, async () => {
  const topics = Array.from({ length: topicsMax }, (_, at) => `t${at}`);
  await using of = await facing({ scopes: ["ask", "message"] });
  const entry = { scope: "message", names: null } as const;
  await of.on.calls["peers/grant"]({ name: "mallory", entries: [entry], mine: true, hold: false });
  for (const topic of topics) {
    for (const name of ["hydrate", "api"]) {
      await of.on.calls["topics/subscribe"]({ topic, from: model(name) });
    }
  }
  const text = "x".repeat(1_024);
  const ends = new Map<string, number>();
  const bytes = () => statSync(join(of.on.home, "state.db")).size;
  const heap = (): number => {
    Bun.gc(true);
    return process.memoryUsage().rss;
  };
  const [diskBefore, heapBefore] = [bytes(), heap()];
  using connection = await of.mallory.connect();
  for (let at = 0; at < many; at += 1) {
    of.time.pass(20);
    const body = topical({ text, topic: topics[at % topics.length] });
    const end = endOf(await connection.post("message", body, of.mallory));
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (at % 1_000 > 0) continue;
    // Its lease would end in this clock.
    await of.on.calls.activate(agent("hydrate"));
    expect(await askOnce(of.mallory)).toBe("200");
  }
  expect(ends.get("200")).toBe(mailboxMax);
  expect(stored(of.on)).toHaveLength(2 * mailboxMax);
  using database = new Database(join(of.on.home, "state.db"));
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const [disk, memory] = [bytes() - diskBefore, heap() - heapBefore];
  expect(disk).toBeLessThan(8 * 1_048_576);
  expect(memory).toBeLessThan(128 * 1_048_576);
});
