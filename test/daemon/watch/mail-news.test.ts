/** Tells a person of mail: at their next command, on the desktop, in what they watch. */

import { expect, test } from "bun:test";
import { Notification } from "../../../src/contract/errands/errands.ts";
import { notifyEveryMs, notifyLookMs } from "../../../src/contract/errands/limits.ts";
import { unseenMailName, unseenMailOf } from "../../../src/contract/messages/unseen.ts";
import type { Message } from "../../../src/core/messages/message.ts";
import { mailOf } from "../../../src/daemon/watch/mail.ts";
import { tellOfMail } from "../../../src/daemon/watch/mail-news.ts";
import { unlimited } from "../../../src/daemon/watch/notifications.ts";
import { world } from "../../core/sessions/lease-world.ts";
import { message } from "../../support/message.ts";

/** A daemon whose mail a test writes, and its notifications. */
function mailed({ desktop = true, waiting = [] as readonly Message[] } = {}) {
  const w = world(1);
  const { timers, clock } = w;
  const context = {
    ...w.context,
    config: { ...w.context.config, notify: { desktop, bell: false } },
  };
  const shown: string[] = [];
  const limit = unlimited();
  const put = (messages: readonly Message[], verb: "add" | "put" = "add") =>
    context.transact(w.caller().now, ({ tables }) => {
      for (const each of messages) tables.messages[verb](each);
      return { value: undefined };
    });
  const begin = async () => {
    await put(waiting);
    return tellOfMail({
      context,
      limit,
      errands: {
        run: async ({ input }) => {
          const { summary, body } = Notification.parse(input);
          shown.push(`${summary} / ${body}`);
          return { done: false, why: "no_keeper" };
        },
      },
    });
  };
  const noted = () => unseenMailOf(context.effects.files.read(unseenMailName) ?? "");
  return { ...w, context, timers, clock, shown, limit, put, begin, noted };
}

const own = (id: string, more: Partial<Message> = {}) => message(id, { name: null, ...more });
const held = (id: string, more: Partial<Message> = {}) =>
  message(id, { stage: "held", unread: false, peer_name: "bob", ...more });

test("mail for the person is noted for the next command, a session's is not", async () => {
  const { begin, put, timers, noted, shown } = mailed();
  await begin();
  await put([message("1"), message("2")]);
  await timers.advance(notifyLookMs);
  expect([noted(), shown]).toEqual([null, []]);
  await put([own("3"), held("4")]);
  await timers.advance(notifyLookMs);
  expect(noted()).toEqual({ held: 1, person: 1, from: ["bob", "mini"], refused: [] });
  // No person gave the machines a name here.
  const machines = "2 other machines";
  expect(shown).toEqual([`peernet: 2 messages / 1 held for you, 1 for you to read: ${machines}`]);
  await put([held("5")]);
  await timers.advance(notifyLookMs);
  expect(noted()).toEqual({ held: 2, person: 1, from: ["bob", "mini"], refused: [] });
});

test("mail that waited before the daemon began is no news, nor is what was read", async () => {
  const { begin, put, timers, noted, shown } = mailed({ waiting: [own("1"), held("2")] });
  await begin();
  await put([own("1", { unread: false })], "put");
  await timers.advance(notifyLookMs);
  expect([noted(), shown]).toEqual([null, []]);
});

test("notifications of mail keep to one a minute, together with those of sessions", async () => {
  const { begin, put, timers, shown, limit, clock } = mailed();
  await begin();
  limit.nextMs = clock.monotonicMs() + notifyEveryMs;
  await put([own("1")]);
  await timers.advance(notifyLookMs);
  await put([own("2")]);
  await timers.advance(notifyEveryMs - notifyLookMs - 1);
  expect(shown).toEqual([]);
  await timers.advance(1);
  expect(shown).toEqual(["peernet: 2 messages / 2 for you to read: another machine"]);
  expect(limit.nextMs).toBe(clock.monotonicMs() + notifyEveryMs);
});

test("without notify.desktop a person hears of mail at the next command alone", async () => {
  const { begin, put, timers, shown, noted } = mailed({ desktop: false });
  const cancel = await begin();
  await put([own("1")]);
  await timers.advance(notifyEveryMs);
  expect([shown, noted()?.person]).toEqual([[], 1]);
  cancel();
  await put([own("2")]);
  await timers.advance(notifyEveryMs);
  expect([noted()?.person, timers.pending()]).toEqual([1, 0]);
});

test("a model's message that was refused is noted, a message that left is not", async () => {
  const { context, begin, timers, noted, caller } = mailed();
  await begin();
  for (const outcome of ["outbound_refused", "stored"]) {
    await context.transact(caller().now, (work) => {
      work.record({ direction: "out", verb: "message", outcome, peer_name: outcome });
      return { value: undefined };
    });
  }
  await timers.advance(notifyLookMs);
  expect(noted()).toEqual({ held: 0, person: 0, from: [], refused: ["outbound_refused"] });
});

test("mailOf() counts the person's mail, that of sessions, and what is held", async () => {
  const { context, put } = mailed();
  await put([own("1"), message("2"), message("3", { name: "web" }), held("4")]);
  await put([held("5", { peer_name: "eve" }), held("6"), own("7", { unread: false })]);
  expect(mailOf(context)).toEqual({
    person: 1,
    sessions: 2,
    held: 3,
    held_from: ["bob", "eve"],
  });
});
