/** Events of a daemon, told by a keeper's errands to a program at a real socket. */

import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DoingErrands, doErrands } from "../../../src/keeper/errands.ts";
import { sendWebhook } from "../../../src/keeper/webhooks/send.ts";
import { timers } from "../../../src/platform/clock/timers.ts";
import type { Machine } from "../../support/daemon.ts";
import { noReaders } from "../../support/readers.ts";
import { until } from "../../support/until.ts";
import { model, person, sent, two } from "../messages/exchange.ts";

interface Taken {
  readonly id: string;
  readonly event: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
}

/** A program at a socket that takes events; a status of its choice answers each. */
function program() {
  const folder = mkdtempSync(join(tmpdir(), "bot-"));
  const unix = join(folder, "bot.sock");
  const taken: Taken[] = [];
  const answers = { status: 204 };
  const server = Bun.serve({
    unix,
    fetch: async (request) => {
      taken.push({
        id: request.headers.get("webhook-id") ?? "",
        event: Object(await request.json()),
      });
      return new Response(null, { status: answers.status });
    },
  });
  return {
    ...{ url: `unix:${unix}`, taken, answers },
    of: (type: string) => taken.filter(({ event }) => event.type === type),
    [Symbol.asyncDispose]: async () => {
      await server.stop(true);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A keeper that carries out webhooks alone. */
function keeperOf({ calls }: Machine): DoingErrands {
  const nothing = async () => null;
  const telling = {
    ...{ uid: process.geteuid?.() ?? -1, home: "/", wallMs: () => Date.now() },
    nonce: () => "n".repeat(32),
  };
  return doErrands({
    ...{ calls, timers, version: "0.1.0" },
    runners: {
      ...{ ...noReaders, notify: nothing, queue: nothing, search: nothing },
      webhook: (input, signal) => sendWebhook(input, telling, signal),
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
}

describe("a webhook", () => {
  test("is told of messages without their text, and with it where settings say so", async () => {
    await using plain = program();
    await using whole = program();
    const events = ["message"] as const;
    const hooks = [plain, whole].map(({ url }) => ({
      ...{ url, secretFile: null, events, text: url === whole.url },
    }));
    await using both = await two({}, { mini: { webhooks: hooks } });
    const { laptop, mini } = both;
    const keeper = keeperOf(mini);
    const one = await sent(laptop, "mini/hydrate", { text: "Auth is ready", from: model("web") });
    await until("both have it", () => plain.taken.length + whole.taken.length === 2);
    const data = {
      ...{ message_id: one.message_id, thread_id: one.thread_id, reply_to: null, topic: null },
      ...{ from: "laptop/web", mailbox: "hydrate", by: "session", stage: "stored" },
    };
    expect(plain.taken[0]?.event).toMatchObject({ type: "message.arrived", data });
    expect(JSON.stringify(plain.taken)).not.toContain("Auth is ready");
    expect(whole.taken[0]?.event.data).toEqual({ ...data, text: "Auth is ready" });
    // No stage comes of it: no session has the text.
    const stages = (await laptop.calls.receipts({ id: one.message_id })).stages;
    expect(stages.map(({ stage }) => stage)).toEqual(["queued", "stored"]);
    await keeper.end();
  }, 30_000);

  test("is told of a session that waits or is gone, and of no unchosen event", async () => {
    await using bot = program();
    const hook = { url: bot.url, secretFile: null, events: ["session"], text: false } as const;
    await using both = await two({}, { mini: { webhooks: [hook] } });
    const { mini } = both;
    const keeper = keeperOf(mini);
    await mini.calls.send({ to: "hydrate", text: "not for it", from: person });
    const process = { pid: globalThis.process.pid, start_time: "hydrate" };
    await mini.calls.hook({
      ...{ event: "state", state: "waiting", harness: "claude-code", process },
      ...{ session_id: "id-hydrate", sole: false, headless: false },
      ...{ cwd: "/tmp", root: null, project: "hydrate" },
    });
    await until("it waits", () => bot.of("session.waiting").length === 1);
    await mini.calls.deactivate({ session_id: "id-hydrate" });
    await until("it is gone", () => bot.of("session.gone").length === 1);
    expect(bot.of("session.gone")[0]?.event.data).toEqual({ handle: "mini/hydrate" });
    expect(bot.of("message.arrived")).toEqual([]);
    await keeper.end();
  }, 30_000);

  test("that fails is tried again under the same id, and shown by doctor", async () => {
    await using bot = program();
    bot.answers.status = 500;
    const hook = { url: bot.url, secretFile: null, events: ["message"], text: false } as const;
    await using both = await two({}, { mini: { webhooks: [hook] } });
    const { laptop, mini } = both;
    const keeper = keeperOf(mini);
    await sent(laptop, "mini/hydrate", { text: "one" });
    await until("it was tried", () => bot.taken.length > 0);
    const lineOf = async () => {
      const { checks } = await mini.calls.doctor({});
      return checks.find(({ name }) => name === "webhook");
    };
    await until("doctor shows it", async () => (await lineOf())?.state === "warning");
    expect((await lineOf())?.detail).toBe(`${bot.url}: the program answered 500; 1 event waits`);
    bot.answers.status = 204;
    await until("it took it", async () => (await lineOf())?.state === "ok");
    expect(new Set(bot.taken.map(({ id }) => id)).size).toBe(1);
    await keeper.end();
  }, 30_000);
});
