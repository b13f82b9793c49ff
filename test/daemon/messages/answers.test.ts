/** Receipts and answers of a peer that a test plays: of other machines, older, and too many. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { endOf } from "../attack/asking.ts";
import { rowsOf } from "../attack/disk.ts";
import { model } from "./exchange.ts";
import { leaving, left, post, sentTo, stored } from "./forged.ts";

setDefaultTimeout(60_000);

const raised = "P59: Only the receiving machine raises the stage of a message, and no stage falls.";

const receipt = (message_id: string, version: number, stage: string) => ({
  receipts: [{ message_id, version, stage, reason: null, age_ms: 0 }],
});

describe(raised, () => {
  test("receipts of another machine, and of no message, change nothing", async () => {
    await using of = await sentTo();
    const before = await of.stages();
    expect(endOf(await post(of.eve, "receipt", receipt(of.message_id, 9, "surfaced")))).toBe("200");
    const unknown = receipt(Bun.randomUUIDv7(), 9, "surfaced");
    expect(endOf(await post(of.mallory, "receipt", unknown))).toBe("200");
    expect(await of.stages()).toEqual(before);
  });

  test("a stage rises by the receiver's receipts, and falls by none", async () => {
    await using of = await sentTo();
    const tell = async (version: number, stage: string): Promise<string | undefined> => {
      await post(of.mallory, "receipt", receipt(of.message_id, version, stage));
      return (await of.stages()).at(-1);
    };
    expect(await tell(2, "handed")).toBe("handed");
    expect(await tell(3, "announced")).toBe("handed");
    expect(await tell(4, "surfaced")).toBe("surfaced");
    expect(await tell(5, "refused")).toBe("surfaced");
    expect(await tell(6, "queued")).toBe("surfaced");
  });

  test("a peer answers no message of another peer, and of no other session", async () => {
    await using of = await sentTo();
    const answer = { ...leaving({ reply_to: of.message_id }), to: "web" };
    expect(await left(of.eve, answer)).toBe("scope_denied");
    expect(
      await left(of.mallory, { ...leaving({ reply_to: of.message_id }), to: "other" }),
    ).not.toBe("200");
    expect((await of.stages()).at(-1)).toBe("stored");
    expect(await left(of.mallory, answer)).toBe("200");
    expect((await of.stages()).at(-1)).toBe("answered");
  });
});

const counted =
  "P60: Hops, threads and budgets count what the receiver stored, never what a sender claims.";

describe(counted, () => {
  test("an answer that leaves reply_to out is a hop further all the same", async () => {
    await using of = await sentTo();
    const entries = [{ scope: "message" as const, names: null }];
    await of.on.calls["peers/grant"]({ name: "mallory", entries, hold: false });
    const ends: string[] = [];
    for (let at = 0; at < 6; at += 1) {
      ends.push(await left(of.mallory, leaving({ from: "work", to: "web" })));
      const input = { to: "mallory/work", text: "and?", from: model("web") };
      const sent = await of.on.calls.send(input).then(
        () => "sent",
        ({ code }) => code,
      );
      ends.push(sent);
    }
    expect(ends.filter((end) => end === "message_refused").length).toBeGreaterThan(0);
    expect(ends.lastIndexOf("200")).toBeLessThan(ends.indexOf("message_refused"));
    expect(Math.max(...stored(of.on).map(({ hops }) => hops))).toBeLessThanOrEqual(6);
  });
});

const flooded =
  "P61: A flood of messages fills one mailbox to 200 and all to 2,000, and hinders no ask.";

describe(flooded, () => {
  test("ten thousand receipts of nothing leave nothing behind", async () => {
    await using of = await sentTo();
    const many = Array.from(
      { length: 64 },
      () => receipt(Bun.randomUUIDv7(), 1, "surfaced").receipts,
    );
    using connection = await of.mallory.connect();
    for (let at = 0; at < 60; at += 1) {
      await connection.post("receipt", { receipts: many.flat() }, of.mallory);
    }
    expect(rowsOf(of.on.home, "SELECT 1 FROM message_stage").length).toBeLessThan(10);
    expect(rowsOf(of.on.home, "SELECT 1 FROM tombstone")).toEqual([]);
  });
});
