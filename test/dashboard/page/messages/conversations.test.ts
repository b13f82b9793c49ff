/** The mail of a machine as conversations. */

import { describe, expect, test } from "bun:test";
import {
  answerable,
  linesOfText,
  mailOf,
  sumOfMail,
} from "../../../../src/dashboard/page/messages/conversations.ts";
import { message, someMail } from "../../../browser/mail.ts";

const shown = someMail.map(({ shown }) => shown);

describe("mailOf()", () => {
  test("mailOf() keeps held messages apart, and the newest conversation first", () => {
    const { held, conversations } = mailOf(shown);
    expect(held.map(({ from }) => from)).toEqual(["bob/api"]);
    expect(conversations.map(({ other, here, unread }) => [other, here, unread])).toEqual([
      ["server/api", null, 0],
      ["studio/api", "web", 1],
      ["server", null, 1],
      ["mini/hydrate", null, 0],
    ]);
    const hydrate = conversations.at(-1);
    expect(hydrate?.messages.map(({ direction }) => direction)).toEqual(["out", "in", "out"]);
    expect(sumOfMail({ held, conversations })).toBe("2 unread · 1 held");
    expect(sumOfMail(mailOf([]))).toBe("Nothing waits");
  });

  test("mailOf() keeps the mail of two handles with one session apart", () => {
    const to = (at: number, mailbox: string) => message(at, { mailbox, text: "x" }).shown;
    const { conversations } = mailOf([to(1, "web"), to(2, "api"), to(3, "web")]);
    expect(conversations.map(({ here, messages }) => [here, messages.length])).toEqual([
      ["web", 2],
      ["api", 1],
    ]);
  });

  test("mailOf() shows a message between two sessions here once, with its stages", () => {
    const ends = { peer: null, from: "laptop/web", to: "laptop/api" };
    const out = message(1, { ...ends, direction: "out", mailbox: "web", text: "x" }).shown;
    const arrived = { ...out, direction: "in" as const, mailbox: "api" };
    const back = message(2, {
      ...{ peer: null, from: "laptop/api", to: "laptop/web" },
      ...{ direction: "out", mailbox: "api", text: "y" },
    }).shown;
    const { conversations } = mailOf([arrived, out, back]);
    expect(conversations.map(({ messages }) => messages)).toEqual([[out, back]]);
  });
});

test("answerable() is the newest message of the other end", () => {
  const [hydrate] = mailOf(shown).conversations.slice(-1);
  if (hydrate === undefined) throw new Error("there is no conversation");
  expect(answerable(hydrate)?.excerpt).toBe("Yes, since 91c0d7e. Migration 14 is the last.");
  const [server] = mailOf(shown).conversations;
  expect(server === undefined ? undefined : answerable(server)).toBeNull();
});

test("linesOfText() keeps empty lines inside a text, and none at its end", () => {
  expect(linesOfText("a\r\n\nb\n\n")).toEqual(["a", "", "b"]);
});
