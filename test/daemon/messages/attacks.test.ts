/** Messages of a peer that a test plays: forged, repeated, and too many. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mailboxMax } from "../../../src/contract/messages/limits.ts";
import { until } from "../../support/until.ts";
import { askOnce, endOf } from "../attack/asking.ts";
import { rowsOf } from "../attack/disk.ts";
import { aboutOf, someToken } from "../attack/pairing.ts";
import { agent } from "./exchange.ts";
import { facing, granted, leaving, left, post, stored } from "./forged.ts";

setDefaultTimeout(60_000);

const unseen =
  "P57: A message to a handle that its sender may not see is answered like one to a handle that " +
  "does not exist.";

describe(unseen, () => {
  test("a handle outside of the grant, and one that nobody ever held", async () => {
    await using of = await facing({ names: ["api"] });
    const replies = await Promise.all(
      ["hydrate", "nobody"].map((to) => post(of.mallory, "message", leaving({ to }))),
    );
    expect(replies[0]?.body).toBe(replies[1]?.body ?? "");
    expect(replies.map(endOf)).toEqual(["handle_unknown", "handle_unknown"]);
    expect(await left(of.mallory, leaving({ to: "api" }))).toBe("200");
    expect(stored(of.on).map(({ name }) => name)).toEqual(["api"]);
  });

  test("a handle that nobody ever held, to a sender that may write to all", async () => {
    await using of = await facing();
    expect(await left(of.mallory, leaving({ to: "nobody" }))).toBe("handle_unknown");
    expect(stored(of.on)).toEqual([]);
  });

  test("without the scope, every handle and the person alike", async () => {
    await using of = await facing({ scopes: ["ask"] });
    const bodies = await Promise.all(
      ["hydrate", "nobody", null].map((to) => post(of.mallory, "message", leaving({ to }))),
    );
    expect(new Set(bodies.map((reply) => reply?.body)).size).toBe(1);
    expect(bodies.map(endOf)).toEqual(["scope_denied", "scope_denied", "scope_denied"]);
    expect(stored(of.on)).toEqual([]);
  });

  test("without ask its sender learns of no way in which a session is told", async () => {
    await using of = await facing({ scopes: ["message", "wake"] });
    const reply = await post(of.mallory, "message", leaving());
    expect(JSON.parse(reply?.body ?? "")).toEqual({ stage: "stored", next: null });
  });
});

const once =
  "P58: A message id is stored once: another text under it is refused, and the same one is not " +
  "stored again.";

describe(once, () => {
  test("the same id with another text, handle or sender of the same machine", async () => {
    await using of = await facing();
    const first = leaving();
    expect(await left(of.mallory, first)).toBe("200");
    expect(await left(of.mallory, first)).toBe("200");
    expect(await left(of.mallory, { ...first, text: "other" })).toBe("id_conflict");
    expect(stored(of.on).map(({ text }) => text)).toEqual(["hello"]);
  });

  test("a refused id is refused again, while another attempt of its call may come", async () => {
    await using of = await facing({ scopes: ["ask"] });
    const first = leaving();
    expect(await left(of.mallory, first)).toBe("scope_denied");
    const entries = [{ scope: "message", names: null } as const];
    await of.on.calls["peers/grant"]({ name: "mallory", entries, hold: false });
    expect(await left(of.mallory, first)).toBe("scope_denied");
    expect(await left(of.mallory, leaving())).toBe("200");
    of.time.pass(20_000);
    expect(await left(of.mallory, first)).toBe("200");
  });

  test("an id of another machine is another message", async () => {
    await using of = await facing();
    const eve = await granted(of.on, "eve", { scopes: ["message"], names: null });
    const first = leaving();
    expect(await left(of.mallory, first)).toBe("200");
    expect(await left(eve, { ...first, text: "mine" })).toBe("200");
    expect(stored(of.on).map(({ text }) => text)).toEqual(["hello", "mine"]);
  });

  test("a message that expired and was removed is not stored again", async () => {
    await using of = await facing();
    const first = leaving();
    expect(await left(of.mallory, first)).toBe("200");
    for (const days of [8, 31]) {
      of.time.pass(days * 86_400_000);
      of.time.sweep();
      const wanted = days === 8 ? "expired" : undefined;
      await until(`after ${days} days`, () => stored(of.on)[0]?.stage === wanted);
    }
    await of.on.calls.activate(agent("hydrate"));
    // Its token is too old by now, and is good for a new one alone.
    const { identity } = of.mallory;
    const exchange = { token: someToken, about: aboutOf(identity, { name: "mallory" }) };
    const exchanged = await post(of.mallory, "token", exchange);
    const renewed = { ...of.mallory, token: JSON.parse(exchanged?.body ?? "").token };
    const again = await left(renewed, first);
    expect([again, stored(of.on)]).toEqual([again, []]);
    expect(await left(renewed, { ...first, text: "other" })).toBe("id_conflict");
    expect(stored(of.on)).toEqual([]);
  });
});

const counted =
  "P60: Hops, threads and budgets count what the receiver stored, never what a sender claims.";

describe(counted, () => {
  for (const [what, claim] of [
    ["that a person wrote it", () => ({ by: "person", from: null })],
    ["that a person's handle wrote it", () => ({ by: "person" })],
    ["a thread of its own", () => ({ thread_id: Bun.randomUUIDv7() })],
    ["a message that it answers", () => ({ reply_to: Bun.randomUUIDv7() })],
    ["an age of a day", () => ({ age_ms: 86_400_000 })],
    ["fields that there are not", () => ({ hops: 0, waking: "always", mine: true })],
  ] as const) {
    test(`a message that claims ${what} is quiet once the budget is spent`, async () => {
      await using of = await facing();
      using connection = await of.mallory.connect();
      for (let at = 0; at < 60; at += 1) {
        // Slower than the rate of a peer, faster than any budget.
        of.time.pass(50);
        const body = leaving(claim());
        expect(endOf(await connection.post("message", body, of.mallory))).toBe("200");
      }
      const loud = stored(of.on).filter(({ quiet }) => quiet === 0);
      expect([what, loud.length <= 48, loud.length > 0]).toEqual([what, true, true]);
    });
  }
});

const flooded =
  "P61: A flood of messages fills one mailbox to 200 and all to 2,000, and hinders no ask.";

describe(flooded, () => {
  test("one mailbox, by a peer at full speed, with texts as long as they may be", async () => {
    await using of = await facing({ scopes: ["ask", "message"] });
    const text = "x".repeat(8_192);
    const ends = new Map<string, number>();
    using connection = await of.mallory.connect();
    for (let at = 0; at < 2 * mailboxMax; at += 1) {
      of.time.pass(20);
      const end = endOf(await connection.post("message", leaving({ text }), of.mallory));
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    expect(stored(of.on)).toHaveLength(mailboxMax);
    expect(ends.get("200")).toBe(mailboxMax);
    expect(ends.get("inbox_full")).toBe(mailboxMax);
    expect(await askOnce(of.mallory)).toBe("200");
    expect(await left(of.mallory, leaving({ to: "api" }))).toBe("200");
  });

  test("without a pause a peer is told to pause, and another's ask is answered", async () => {
    await using of = await facing({ scopes: ["ask", "message"] });
    const eve = await granted(of.on, "eve", { scopes: ["ask"], names: null });
    using connection = await of.mallory.connect();
    const ends: string[] = [];
    for (let at = 0; at < 150; at += 1) {
      ends.push(endOf(await connection.post("message", leaving(), of.mallory)));
    }
    expect(ends).toContain("rate_limited");
    expect(await askOnce(eve)).toBe("200");
  });
});

const unread = "P63: No machine learns that a person read a message.";

test(`${unread} the sender's stages are the same before and after`, async () => {
  await using of = await facing({ scopes: ["ask", "message"], hold: true });
  expect(await left(of.mallory, leaving({ to: null }))).toBe("200");
  expect(await left(of.mallory, leaving())).toBe("200");
  const entries = () => rowsOf(of.on.home, "SELECT * FROM outbox");
  const before = entries();
  const { messages } = await of.on.calls.inbox({});
  for (const { message_id } of messages) {
    await of.on.calls["inbox/show"]({ id: message_id, reads: true });
  }
  const shown = (await of.on.calls.inbox({})).messages;
  expect(shown.map(({ stage, unread: isNew }) => [stage, isNew])).toEqual([
    ["stored", false],
    ["held", false],
  ]);
  expect(entries()).toEqual(before);
  expect(stored(of.on).map(({ stage }) => stage)).toEqual(["stored", "held"]);
});
