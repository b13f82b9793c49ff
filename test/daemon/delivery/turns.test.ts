/** The proofs of mail in the events of a session, and the notices of its hooks: two daemons. */

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { agent, mailOf, model, rows, sent, stagesOf, two } from "../messages/exchange.ts";
import { keeper, sessionOf } from "./sessions.ts";

const noNotice = null;
const notice = (count: number, more = {}) => ({
  ...{ count, from: [], others: true, model: true },
  ...more,
});

const recordAt = (bytes: number) => ({ record: { path: "/home/ada/record.jsonl", bytes } });
const handovers = (on: Parameters<typeof rows>[0]) =>
  rows<{ state: string; mark: number }>(on, "SELECT state, mark FROM handover ORDER BY given_ms");

test("of two sessions under one name the one after /clear reads what was not proven", async () => {
  await using both = await two();
  const { laptop, mini } = both;
  const first = sessionOf(mini, "hydrate");
  await first.on("prompt");
  await sent(laptop, "mini/hydrate", { text: "given" });
  expect((await first.read()).messages.map(({ text }) => text)).toEqual(["given"]);
  // The same process goes on without its memory, under another id.
  const second = sessionOf(mini, "hydrate", { session_id: "id-after" });
  expect(await second.on("clear")).toEqual(notice(1));
  const again = await second.read();
  expect(again.messages.map(({ text }) => text)).toEqual(["given"]);
  // A late event of the former one says nothing about the later one's reading.
  await first.on("end");
  expect(handovers(mini).map(({ state }) => state)).toEqual(["lost", "given"]);
  await second.on("tool", { own: true, nonces: again.read === null ? [] : [again.read] });
  await second.on("end");
  expect(handovers(mini).map(({ state }) => state)).toEqual(["lost", "surfaced"]);
  expect((await second.read()).messages).toEqual([]);
});

describe("a session's turn", () => {
  test("rings with its notice where the settings say so, and has no bell otherwise", async () => {
    await using both = await two({}, { mini: { rings: true } });
    const { laptop, mini } = both;
    const session = sessionOf(mini, "hydrate");
    await session.on("prompt");
    await sent(laptop, "mini/hydrate");
    expect(await session.on("tool")).toEqual(notice(1, { bell: true }));
  });

  test("tells of mail at its prompt, and after a tool only of newer mail", async () => {
    await using both = await two({ scopes: ["ask", "message"] });
    const { laptop, mini } = both;
    const session = sessionOf(mini, "hydrate");
    expect(await session.on("prompt")).toEqual(noNotice);
    await sent(laptop, "mini/hydrate");
    expect(await session.on("tool", { own: true })).toEqual(noNotice);
    expect(await session.on("tool", { subagent: true })).toEqual(noNotice);
    expect(await session.on("tool")).toEqual(notice(1));
    expect(await session.on("tool")).toEqual(noNotice);
    await sent(laptop, "mini/hydrate", { text: "again" });
    expect(await session.on("tool")).toEqual(notice(2));
    // Its sender may not start a turn, so none goes on.
    expect(await session.on("end")).toEqual(noNotice);
    expect(await session.on("prompt")).toEqual(notice(2));
    expect(await session.on("compact")).toEqual(notice(2));
    for (const moment of ["startup", "resume"] as const) {
      expect([moment, await session.on(moment)]).toEqual([moment, notice(2)]);
    }
    expect(await session.on("cut")).toEqual(noNotice);
  });

  test("goes on once for mail that may start a turn, and not again by itself", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const session = sessionOf(mini, "hydrate");
    await session.on("prompt");
    await sent(laptop, "mini/hydrate");
    expect(await session.on("end", { continued: true })).toEqual(noNotice);
    await session.on("prompt");
    await sent(laptop, "mini/hydrate", { text: "again" });
    expect(await session.on("end")).toEqual(notice(2));
    expect(await session.on("end", { continued: true })).toEqual(noNotice);
    expect(await session.on("end")).toEqual(noNotice);
  });

  test("names a machine only by a name that a person here gave", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const session = sessionOf(mini, "hydrate");
    await sent(laptop, "mini/hydrate");
    expect(await session.on("prompt")).toEqual(notice(1));
    await mini.calls["peers/rename"]({ name: "laptop", to: "desk" });
    expect(await session.on("prompt")).toEqual(notice(1, { from: ["desk"], others: false }));
    await mini.calls.activate(agent("web"));
    await sent(mini, "mini/hydrate", { from: model("web") });
    expect(await session.on("prompt")).toEqual(notice(2, { from: ["desk"] }));
  });

  test("proves each stage to the sender, in order, by the events that show it", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const session = sessionOf(mini, "hydrate");
    const { message_id: id } = await sent(laptop, "mini/hydrate", { text: "Is it final?" });
    const stages = async () => (await stagesOf(mini, id)).map((line) => line.split(":")[0]);
    await session.on("prompt", recordAt(100));
    expect(await stages()).toEqual(["stored"]);
    const read = await session.read();
    expect(read).toMatchObject({ left: 0, messages: [{ message_id: id, text: "Is it final?" }] });
    expect(await stages()).toEqual(["stored"]);
    await session.on("tool", { own: true, nonces: [read.read ?? ""], ...recordAt(900) });
    expect(await stages()).toEqual(["stored", "announced", "handed"]);
    await session.on("end");
    expect(await stages()).toEqual(["stored", "announced", "handed", "surfaced"]);
    expect(handovers(mini)).toEqual([{ state: "surfaced", mark: 100 }]);
    await until("laptop learns it", async () =>
      ((await stagesOf(laptop, id)).at(-1) ?? "").startsWith("surfaced: receipt"),
    );
    expect(await session.read()).toEqual({ read: null, messages: [], left: 0 });
    const { records } = await mini.calls.audit({ verb: "handover" });
    expect(records.map(({ details }) => JSON.parse(details ?? "{}").state)).toEqual([
      "given",
      "surfaced",
    ]);
    expect(JSON.stringify(records)).not.toContain("final");
  });

  test("gives back what a subagent read, at once, and tells its session", async () => {
    await using both = await two();
    const session = sessionOf(both.mini, "hydrate");
    await sent(both.laptop, "mini/hydrate");
    await session.on("prompt");
    const first = await session.read();
    const nonces = [first.read ?? ""];
    expect(await session.on("tool", { own: true, subagent: true, nonces })).toEqual(noNotice);
    expect((await mailOf(both.mini))[0]).toMatchObject({ unread: true });
    const second = await session.read();
    expect(second.messages.map(({ text }) => text)).toEqual(["hello"]);
    expect(second.read).not.toBe(first.read);
  });

  test("that begins again reads what its predecessor did not surface", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const before = sessionOf(mini, "hydrate");
    await sent(laptop, "mini/hydrate", { text: "surfaced" });
    await before.on("prompt");
    const seen = await before.read();
    await before.on("tool", { own: true, nonces: [seen.read ?? ""] });
    await before.on("end");
    await sent(laptop, "mini/hydrate", { text: "handed" });
    const handed = await before.read();
    await before.on("tool", { own: true, nonces: [handed.read ?? ""] });
    await sent(laptop, "mini/hydrate", { text: "given" });
    await before.read();
    const cleared = { session_id: "id-cleared", start_time: "hydrate" };
    const after = sessionOf(mini, "hydrate", cleared);
    expect(await after.on("clear")).toEqual(notice(2));
    const read = await after.read();
    expect(read.messages.map(({ text }) => text)).toEqual(["handed", "given"]);
    // A late event of the old session changes nothing.
    await before.on("end");
    expect(handovers(mini).map(({ state }) => state)).toEqual([
      ...["surfaced", "lost", "lost", "given"],
    ]);
  });
});

describe("a doubtful handover", () => {
  for (const [found, state, unread] of [
    ["there", "surfaced", false],
    ["not_there", "lost", true],
    ["unreadable", "lost", true],
  ] as const) {
    test(`is ${state} when the nonce in the client's record is ${found}`, async () => {
      await using both = await two();
      const { laptop, mini } = both;
      const asked: unknown[] = [];
      await using _keeper = keeper(mini, {
        search: async (input) => {
          asked.push(input);
          return { nonce: found };
        },
      });
      const session = sessionOf(mini, "hydrate");
      const { message_id: id } = await sent(laptop, "mini/hydrate");
      await session.on("prompt", recordAt(100));
      const { read } = await session.read();
      await session.on("end", recordAt(700));
      await until("it is judged", () => handovers(mini)[0]?.state === state);
      expect(asked).toEqual([{ path: "/home/ada/record.jsonl", from: 100, nonce: read }]);
      expect((await mailOf(mini))[0]).toMatchObject({ message_id: id, unread });
      const again = await session.read();
      expect(again.messages.length).toBe(unread ? 1 : 0);
    });
  }

  test("without a record is lost; with no keeper it waits", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const session = sessionOf(mini, "hydrate");
    await sent(laptop, "mini/hydrate");
    await session.on("prompt");
    await session.read();
    await session.on("end");
    await until("it is judged", () => handovers(mini)[0]?.state === "lost");
    await session.on("prompt", recordAt(100));
    await session.read();
    await session.on("end", recordAt(100));
    await Bun.sleep(0);
    expect(handovers(mini).map(({ state }) => state)).toEqual(["lost", "given"]);
    await using _keeper = keeper(mini, { search: async () => ({ nonce: "there" }) });
    await until("it is judged", () => handovers(mini)[1]?.state === "surfaced");
  });

  test("of a session that came back is judged at once, over a restart", async () => {
    await using both = await two();
    const { laptop, mini } = both;
    const before = sessionOf(mini, "hydrate");
    await sent(laptop, "mini/hydrate");
    await before.on("prompt", recordAt(100));
    const { read } = await before.read();
    await before.on("tool", { own: true, nonces: [read ?? ""], ...recordAt(100) });
    await before.on("end", recordAt(100));
    expect(handovers(mini)).toMatchObject([{ state: "surfaced" }]);
    const resumed = sessionOf(mini, "hydrate", { start_time: "later" });
    await resumed.on("resume", recordAt(300));
    await using again = await mini.restart();
    await using _keeper = keeper(again, { search: async () => ({ nonce: "not_there" }) });
    await until("it is judged", () => handovers(again)[0]?.state === "lost");
    expect((await mailOf(again))[0]).toMatchObject({ unread: true, stage: "surfaced" });
  });
});
