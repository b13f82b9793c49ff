/** The calls that the dashboard's server forwards to the daemon, and the fate of streams. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { control } from "../../src/contract/control.ts";
import { sessionStreamsMax, sessionTabsMax } from "../../src/contract/limits.ts";
import type { Operation } from "../../src/contract/operation/operation.ts";
import { type Machine, machine, session } from "../support/daemon.ts";
import { until } from "../support/until.ts";
import { linesOf, type Served, served } from "./served.ts";

let mini: Machine;
let page: Served;
beforeAll(async () => {
  mini = await machine("mini");
  await mini.calls.activate(session({ name: "hydrate" }));
  page = await served(mini);
  await page.enter();
});
afterAll(async () => {
  await page[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
});

const rows: readonly (readonly [string, Operation])[] = Object.entries(control);

/** The lines of a stream, parsed. */
const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));
const gone = {
  error: { code: "daemon_not_running", message: "the daemon ended", hint: "peernet start" },
};

describe("a call is handed on", () => {
  test("as it is, and so is its answer, for every row on this surface", async () => {
    for (const [path, row] of rows) {
      if (row.kind !== "call" || !row.surfaces.includes("dashboard")) continue;
      for (const body of ["{}", '{"name":"no such"}', "nonsense", "[]", ""]) {
        const [direct, through] = await Promise.all([
          fetch(`http://localhost/v1/${path}`, {
            unix: `${mini.home}/control.sock`,
            method: "POST",
            headers: { "content-type": "application/json" },
            body,
          }),
          page.post(`/v1/${path}`, body),
        ]);
        expect([path, body, through.status]).toEqual([path, body, direct.status]);
        const [one, other] = [Object(await direct.json()), Object(await through.json())];
        expect(Object.keys(other)).toEqual(Object.keys(one));
        if (!direct.ok) expect(other).toEqual(one);
      }
    }
  });

  test("to a daemon that does not run: 503, and nothing is started", async () => {
    await using alone = await served();
    await alone.enter();
    for (const path of ["status", "ask", "pair/open", "audit/follow", "audit/export"]) {
      const response = await alone.post(`/v1/${path}`, {});
      const { error } = Object(await response.json());
      expect([path, response.status, error.code]).toEqual([path, 503, "daemon_not_running"]);
    }
  });
});

describe("a stream is handed on", () => {
  test("line by line, as events happen", async () => {
    const leaving = new AbortController();
    const { lines } = linesOf(await page.post("/v1/watch", {}, { signal: leaving.signal }));
    await until("the state is there", () => lines.some((line) => line.includes('"ready"')));
    expect(Object.keys(JSON.parse(lines[0] ?? ""))).toEqual(["epoch", "head"]);
    await mini.calls.summary({ selector: { name: "hydrate" }, text: "boils" });
    await until("the change is there", () => lines.some((line) => line.includes("boils")));
    leaving.abort();
  });

  test("whole, when it ends by itself", async () => {
    const { lines, hasEnded } = linesOf(await page.post("/v1/audit/export", {}));
    await until("it has ended", hasEnded);
    const { total } = await mini.calls.audit({ all: true });
    expect(parsed(lines).length).toBe(1 + total);
    expect(lines.some((line) => line.includes('"error"'))).toBe(false);
  });

  test("and ended when its tab goes: a pairing window closes with it", async () => {
    const leaving = new AbortController();
    const input = { grant: ["ask"], from: null };
    const response = await page.post("/v1/pair/open", input, { signal: leaving.signal });
    const { lines } = linesOf(response);
    await until("the code is there", () => lines.some((line) => line.includes('"opened"')));
    expect((await mini.calls.status({})).window.open).toBe(true);
    leaving.abort();
    await until("the window is closed", async () => !(await mini.calls.status({})).window.open);
  });

  test("only so many at once, and a new change feed takes the old one's place", async () => {
    await using own = await served(mini);
    await own.enter();
    const first = linesOf(await own.post("/v1/watch", {}));
    await until("it is there", () => first.lines.length > 0);
    const second = linesOf(await own.post("/v1/watch", {}));
    await until("the first has ended", first.hasEnded);
    await until("the second is there", () => second.lines.length > 0);
    for (let more = 1; more < sessionStreamsMax; more += 1) {
      expect((await own.post("/v1/audit/follow", {})).status).toBe(200);
    }
    const refused = await own.post("/v1/audit/follow", {});
    const { error } = Object(await refused.json());
    expect([refused.status, error.code, error.message]).toEqual([
      429,
      "rate_limited",
      "too many streams at once",
    ]);
    expect(second.hasEnded()).toBe(false);
  });

  test("a copy of the tab keeps a change feed of its own, up to so many copies", async () => {
    await using own = await served(mini);
    await own.enter();
    const tabs = Array.from({ length: sessionTabsMax }, (_, index) => String(index + 1));
    const feeds: ReturnType<typeof linesOf>[] = [];
    for (const tab of tabs) feeds.push(linesOf(await own.post("/v1/watch", {}, { tab })));
    const refused = await own.post("/v1/watch", {}, { tab: "more" });
    const { error } = Object(await refused.json());
    expect([refused.status, error.message, error.hint]).toEqual([
      429,
      "too many copies of this tab are open",
      "close one of them",
    ]);
    await until("each is there", () => feeds.every(({ lines }) => lines.length > 0));
    expect(feeds.map((feed) => feed.hasEnded())).not.toContain(true);
  });

  test("and its place is free again once it has ended", async () => {
    await using own = await served(mini);
    await own.enter();
    for (let times = 0; times < 3 * sessionStreamsMax; times += 1) {
      const { hasEnded } = linesOf(await own.post("/v1/audit/export", {}));
      await until("it has ended", hasEnded);
    }
  });
});

describe("when the daemon ends", () => {
  test("streams say so, and a new change feed waits for it and comes by itself", async () => {
    const attic = await machine("attic");
    await using own = await served(attic);
    await own.enter();
    const feed = linesOf(await own.post("/v1/watch", {}));
    const window = linesOf(await own.post("/v1/pair/open", { grant: ["ask"], from: null }));
    await until("both are there", () => feed.lines.length > 1 && window.lines.length > 1);
    await attic.daemon.stop();
    await until("both have ended", () => feed.hasEnded() && window.hasEnded());
    expect(parsed(feed.lines).at(-1)).toEqual(gone);
    expect(parsed(window.lines).at(-1)).toEqual({ event: { event: "closed" } });

    const waiting = await own.post("/v1/watch", { epoch: "of before", after_seq: 1 });
    const again = linesOf(waiting);
    expect([waiting.status, again.lines]).toEqual([200, []]);
    await using _attic = await machine("attic", { home: attic.home });
    await until("it is back", () => again.lines.some((line) => line.includes('"ready"')));
    expect(parsed(again.lines)[1]).toMatchObject({ event: { event: "reset" } });
  });

  test("a change feed that waits for it ends with its tab", async () => {
    await using alone = await served();
    await alone.enter();
    const leaving = new AbortController();
    const { hasEnded } = linesOf(await alone.post("/v1/watch", {}, { signal: leaving.signal }));
    leaving.abort();
    await until("it has ended", hasEnded);
  });

  test("what it had written half is not handed on", async () => {
    await using alone = await served();
    await alone.enter();
    const { promise, resolve } = Promise.withResolvers<void>();
    const handedOn = Promise.withResolvers<void>();
    const halfway = Bun.serve({
      unix: `${alone.home}/control.sock`,
      fetch: () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              controller.enqueue('{"epoch":"e","head":0}\n{"event":{"ev');
              await promise;
              controller.enqueue('ent":"ready"}}\n{"event":{"event":"mach');
              await handedOn.promise;
              await halfway.stop(true);
            },
          }),
        ),
    });
    const { lines, hasEnded } = linesOf(await alone.post("/v1/watch", {}));
    await until("the head is there", () => lines.length === 1);
    resolve();
    await until("what was whole is there", () => lines.length === 2);
    handedOn.resolve();
    await until("it has ended", hasEnded);
    expect(parsed(lines)).toEqual([{ epoch: "e", head: 0 }, { event: { event: "ready" } }, gone]);
  });
});
