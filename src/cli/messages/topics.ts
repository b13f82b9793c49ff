/** `peernet subscribe`, `unsubscribe`, `subscriptions`: the topics that mailboxes here receive. */

import { PeernetError } from "../../contract/errors.ts";
import type { SubscribeOutput, Subscription } from "../../contract/topics/topics.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { isName } from "../frame/grammar.ts";
import { senderOf } from "../frame/sender.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine, printTable, type Row } from "../terminal/output.ts";

/** Receives a topic's messages from now on. */
export const subscribe = command({
  flags: {},
  examples: ["peernet subscribe deploys"],
  async run({ io, words: [word = ""], json }) {
    const topic = topicOf(word);
    const from = await senderOf(io);
    const output = await started(io, () => io.calls()["topics/subscribe"]({ topic, from }));
    if (json) printJson(io, output);
    else printChange(io, output, { now: "receives", before: "received it already" });
    return 0;
  },
});

/** Receives a topic's messages no more. */
export const unsubscribe = command({
  flags: {},
  examples: ["peernet unsubscribe deploys"],
  async run({ io, words: [word = ""], json }) {
    const topic = topicOf(word);
    const from = await senderOf(io);
    const output = await started(io, () => io.calls()["topics/unsubscribe"]({ topic, from }));
    if (json) printJson(io, output);
    else printChange(io, output, { now: "no longer receives", before: "did not receive it" });
    return 0;
  },
});

/** Shows the topics that mailboxes of this machine receive. */
export const subscriptions = command({
  flags: {},
  examples: ["peernet subscriptions"],
  async run({ io, json }) {
    const output = await started(io, () => io.calls().topics({}));
    if (json) printJson(io, output);
    else printAll(io, output.subscriptions);
    return 0;
  },
});

function topicOf(word: string): string {
  const topic = word.toLowerCase().replace(/^[@#]/, "");
  if (isName(topic)) return topic;
  throw new PeernetError("bad_request", {
    message: word === "" ? "a topic is missing" : `this is no topic: ${word}`,
    hint: "peernet subscribe TOPIC, where TOPIC is a name as deploys",
  });
}

function printChange(
  io: Io,
  { topic, mailbox, changed }: SubscribeOutput,
  words: { readonly now: string; readonly before: string },
): void {
  const who = mailbox ?? "your mailbox";
  printLine(io, changed ? `${who} ${words.now} ${topic}` : `${who} ${words.before}`);
}

const heads: Row = {
  cells: ["TOPIC", "FOR", "MACHINES THAT MAY SEND"].map((text) => ({ text, style: "dim" })),
};

function printAll(io: Io, all: readonly Subscription[]): void {
  if (all.length === 0) {
    note(io, "nothing here subscribes to a topic: peernet subscribe TOPIC");
    return;
  }
  const rows = all.map(
    ({ topic, mailbox, senders }): Row => ({
      cells: [
        { text: topic, style: "bold" },
        mailbox ?? "you",
        ["this one", ...senders].join(", "),
      ],
    }),
  );
  printTable(io, [heads, ...rows], [{ gap: 3 }, { gap: 3 }]);
}
