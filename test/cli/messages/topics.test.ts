/** `peernet subscribe`, `unsubscribe`, `subscriptions` and `send --topic`: calls and words. */

import { describe, expect, test } from "bun:test";
import { entryOf } from "../../../src/cli/frame/grammar.ts";
import { run, text } from "../support.ts";

const from = { by: "person" };

describe("subscribe", () => {
  test("subscribes the caller's mailbox, by the bare name of the topic", async () => {
    const answer = async () => ({ topic: "deploys", mailbox: "hydrate", changed: true });
    for (const word of ["deploys", "@deploys", "DEPLOYS"]) {
      const done = await run(`subscribe ${word}`, { answers: { "topics/subscribe": answer } });
      expect([done.exit, done.out]).toEqual([0, text("hydrate receives deploys")]);
      expect(done.calls).toEqual([["topics/subscribe", { topic: "deploys", from }]]);
    }
  });

  test("says when nothing changed, and refuses what is no topic", async () => {
    const answer = async () => ({ topic: "deploys", mailbox: null, changed: false });
    const same = await run("subscribe deploys", { answers: { "topics/subscribe": answer } });
    expect(same.out).toBe(text("your mailbox received it already"));
    const odd = await run("subscribe mini/deploys", { answers: {} });
    expect([odd.exit, odd.calls]).toEqual([2, []]);
  });
});

test("unsubscribe ends it", async () => {
  const answer = async () => ({ topic: "deploys", mailbox: null, changed: true });
  const done = await run("unsubscribe deploys", { answers: { "topics/unsubscribe": answer } });
  expect(done.out).toBe(text("your mailbox no longer receives deploys"));
});

test("subscriptions lists each with the machines that may send to it", async () => {
  const subscriptions = [
    { topic: "deploys", mailbox: null, senders: ["laptop", "server"] },
    { topic: "deploys", mailbox: "hydrate", senders: [] },
  ];
  const done = await run("subscriptions", { answers: { topics: async () => ({ subscriptions }) } });
  expect(done.out).toBe(
    text(
      "TOPIC     FOR       MACHINES THAT MAY SEND",
      "deploys   you       this one, laptop, server",
      "deploys   hydrate   this one",
    ),
  );
});

describe("send --topic", () => {
  const answers = { send: async () => ({ sent: [], refused: [] }) };

  test("sends to a topic and to nobody else", async () => {
    const done = await run("send --topic deploys api is live", { answers });
    expect(done.calls).toEqual([
      [
        "send",
        {
          ...{ to: null, topic: "deploys", text: "api is live", reply_to: null },
          ...{ from, agreed: false },
        },
      ],
    ]);
  });

  test("is what a word with @ or # is pointed to", async () => {
    for (const word of ["@deploys", "#deploys"]) {
      const done = await run(["send", word, "up"], { answers });
      expect([done.exit, done.calls]).toEqual([2, []]);
      expect(done.err).toContain("peernet send --topic deploys");
    }
  });

  test("waits for no stage, since none follows", async () => {
    const done = await run("send --topic deploys up --wait", { answers });
    expect([done.exit, done.calls]).toEqual([2, []]);
  });
});

test("entryOf() takes a topic in an entry of message, and in no other", () => {
  const names = ["@deploys", "api"];
  expect(entryOf("message:@deploys,api")).toEqual({ scope: "message", names });
  expect(() => entryOf("ask:@deploys")).toThrow("@deploys is no name of a handle");
  expect(() => entryOf("message:@")).toThrow("@ is no name of a handle");
});
