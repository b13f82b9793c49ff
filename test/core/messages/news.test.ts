/** Which mail is news for a person, and what a notification says of it. */

import { expect, test } from "bun:test";
import { Notification } from "../../../src/contract/errands/errands.ts";
import {
  noUnseenMail,
  unseenMailOf,
  unseenNamesMax,
  withMail,
} from "../../../src/contract/messages/unseen.ts";
import { countsOf, isForPerson, mailNotification } from "../../../src/core/messages/news.ts";
import { message } from "../../support/message.ts";

test("isForPerson() takes held mail and the person's own, and no session's", () => {
  expect(isForPerson(message("1"))).toBe(false);
  expect(isForPerson(message("2", { stage: "held", unread: false }))).toBe(true);
  expect(isForPerson(message("3", { name: null }))).toBe(true);
  expect(isForPerson(message("4", { name: null, unread: false }))).toBe(false);
  expect(isForPerson(message("5", { name: null, direction: "out" }))).toBe(false);
});

test("mailNotification() names the machines that a person named, and counts the others", () => {
  const held = { held: 2, person: 1, from: ["bob", "eve", "mini"], refused: [] };
  const shown = mailNotification(held, new Set(["mini"]));
  expect(Notification.parse(shown)).toEqual({
    summary: "peernet: 3 messages",
    body: "2 held for you, 1 for you to read: mini, 2 other machines",
  });
  expect(mailNotification({ held: 1, person: 0, from: ["eve"], refused: [] }, new Set())).toEqual({
    summary: "peernet: 1 message",
    body: "1 held for you: another machine",
  });
});

test("withMail() adds up, and names a bounded number of machines", () => {
  const many = Array.from({ length: 20 }, (_, at) => `m-${at}`);
  const counts = countsOf(many.map((peer_name) => message(peer_name, { peer_name, name: null })));
  expect(counts.person).toBe(20);
  const both = withMail(counts, withMail(noUnseenMail, counts));
  expect([both.person, both.held, both.from.length]).toEqual([40, 0, unseenNamesMax]);
  expect(unseenMailOf(JSON.stringify(both))).toEqual(both);
});

test("unseenMailOf() is null for what the daemon did not write", () => {
  for (const text of [
    "",
    "x",
    "null",
    "[]",
    '{"held":-0.5,"person":1,"from":[],"refused":[]}',
    '{"held":1}',
  ]) {
    expect([text, unseenMailOf(text)]).toEqual([text, null]);
  }
});
