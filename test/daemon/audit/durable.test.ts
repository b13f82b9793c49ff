/** Answers and their records: nothing leaves before its record is durable, or instead of it. */

import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Effects } from "../../../src/platform/effects.ts";
import { machine, pair, session } from "../../support/daemon.ts";
import { skipUnless } from "../../support/skip.ts";
import { canMount, noDisk, smallDisk } from "../../support/small-disk.ts";
import { until } from "../../support/until.ts";
import { askFor, askOn, endOf } from "../attack/asking.ts";
import { codeOf, connectTo } from "../attack/connection.ts";
import { breakDatabase, rowsOf } from "../attack/disk.ts";
import { moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";

const question = { question: "why", thread_id: null };
/** Effects in which nothing is done soon: what waits for that waits until the end. */
const withoutSoon = (real: Effects): Effects => ({
  ...real,
  timers: {
    ...real.timers,
    after: (ms, run) => (ms === 0 ? () => {} : real.timers.after(ms, run)),
  },
});

const asksIn = "SELECT outcome FROM audit WHERE verb = 'ask'";

describe("P20: No byte of an answer leaves before its audit record is durable.", () => {
  test("a peer is sent nothing while the commit waits, and no byte before the record", async () => {
    const time = moved();
    await using on = await machine("on", time);
    await on.calls.activate(session());
    const peer = await enrol(on);
    using connection = await peer.connect();
    let seenAtFirstByte: readonly unknown[] | null = null;
    connection.socket.on("data", () => {
      seenAtFirstByte ??= rowsOf(on.home, asksIn);
    });
    time.hold();
    const asked = askOn(connection, peer);
    await until("the answer waits for its commit", () => time.held() > 0);
    // Whoever needs no commit is served meanwhile, again and again.
    for (let times = 0; times < 20; times += 1) {
      using other = await connectTo(on.address);
      expect((await other.post("window", {}))?.status).toBe(200);
    }
    expect(connection.received()).toBe(0);
    expect(rowsOf(on.home, asksIn)).toEqual([]);
    time.release();
    expect(endOf(await asked)).toBe("200");
    expect<unknown>(seenAtFirstByte).toEqual([{ outcome: "ok" }]);
  });

  test("a peer is sent no refusal either", async () => {
    const time = moved();
    await using on = await machine("on", time);
    const peer = await enrol(on, { grant: [] });
    using connection = await peer.connect();
    time.hold();
    const asked = askOn(connection, peer);
    await until("the refusal waits for its commit", () => time.held() > 0);
    for (let times = 0; times < 20; times += 1) await on.calls.status({});
    expect(connection.received()).toBe(0);
    time.release();
    expect(endOf(await asked)).toBe("scope_denied");
    expect(rowsOf(on.home, asksIn)).toEqual([{ outcome: "scope_denied" }]);
  });

  test("a session that asked gets no answer while this machine's own record waits", async () => {
    const time = moved();
    await using on = await machine("on");
    await using asks = await machine("asks", time);
    await on.calls.activate(session());
    await pair(on, asks);
    time.hold();
    let told = false;
    const asked = asks.calls.ask({ handle: "on/hydrate", ...question }).finally(() => {
      told = true;
    });
    await until("the record waits for its commit", () => time.held() > 0);
    await until("the answer left", () => rowsOf(on.home, asksIn).length > 0);
    for (let times = 0; times < 20; times += 1) await asks.calls.status({});
    expect(told).toBe(false);
    expect(rowsOf(asks.home, asksIn)).toEqual([]);
    time.release();
    expect(await asked).toMatchObject({ status: "ok" });
    expect(rowsOf(asks.home, asksIn)[0]).toEqual({ outcome: "asked" });
    await until("its outcome is recorded", () => rowsOf(asks.home, asksIn).length === 2);
    const { records } = await asks.calls.audit({ verb: "ask" });
    const [first, second] = records;
    expect(first).toMatchObject({ text: "why", content_sha256: null, direction: "out" });
    expect(second).toMatchObject({ text: null, outcome: "ok", harness: "shell" });
    expect(second?.subject_id).toBe(first?.subject_id ?? "");
    const [answered] = (await on.calls.audit({ verb: "ask" })).records;
    expect(second?.content_sha256).toBe(answered?.content_sha256 ?? "");
    expect(second?.subject_id).toBe(answered?.subject_id ?? "");
  });

  test("an outcome that waits as the daemon stops is written before it ends", async () => {
    await using on = await machine("on");
    const home = mkdtempSync(join(tmpdir(), "peernet-asks-"));
    const asks = await machine("asks", { home, effects: withoutSoon });
    await on.calls.activate(session());
    await pair(on, asks);
    expect(await asks.calls.ask({ handle: "on/hydrate", ...question })).toMatchObject({
      status: "ok",
    });
    expect(rowsOf(home, asksIn)).toEqual([{ outcome: "asked" }]);
    await asks.daemon.stop();
    expect(rowsOf(home, asksIn)).toEqual([{ outcome: "asked" }, { outcome: "ok" }]);
    rmSync(home, { recursive: true });
  });

  test("an outcome that could not be written is written once that is mended", async () => {
    await using on = await machine("on");
    await using asks = await machine("asks");
    await on.calls.activate(session());
    await pair(on, asks);
    const mend = breakDatabase(asks.home, "record", "NEW.outcome = 'ok'");
    expect(await asks.calls.ask({ handle: "on/hydrate", ...question })).toMatchObject({
      status: "ok",
    });
    expect(rowsOf(asks.home, asksIn)).toEqual([{ outcome: "asked" }]);
    mend();
    await until("it is written", () => rowsOf(asks.home, asksIn).length === 2);
    expect(await asks.calls["audit/verify"]({})).toMatchObject({ ok: true });
  });

  for (const failing of ["record", "commit"] as const) {
    test(`no answer leaves when its ${failing} fails, and the next one does`, async () => {
      await using on = await machine("on");
      await on.calls.activate(session());
      const peer = await enrol(on);
      using connection = await peer.connect();
      const mend = breakDatabase(on.home, failing);
      const reply = await askOn(connection, peer);
      expect([reply?.status, codeOf(reply)]).toEqual([500, "internal"]);
      expect(reply?.body).not.toContain("91c0d7e");
      mend();
      using again = await peer.connect();
      expect(endOf(await askOn(again, peer))).toBe("200");
      expect(rowsOf(on.home, asksIn)).toEqual([{ outcome: "ok" }]);
      expect(await on.calls["audit/verify"]({})).toMatchObject({ ok: true });
    });

    test(`a session gets no answer when its own ${failing} fails`, async () => {
      await using on = await machine("on");
      await using asks = await machine("asks");
      await on.calls.activate(session());
      await pair(on, asks);
      const mend = breakDatabase(asks.home, failing);
      const error = await refusalOf(asks.calls.ask({ handle: "on/hydrate", ...question }));
      expect(error.code).toBe("internal");
      mend();
      expect(rowsOf(asks.home, asksIn)).toEqual([]);
    });
  }
});

const full = skipUnless(canMount, noDisk);
full(
  "ask gives storage_full and no answer on a full disk, and answers once it has room",
  async () => {
    using disk = smallDisk();
    const home = join(disk.path, "home");
    mkdirSync(home, { mode: 0o700 });
    await using on = await machine("on", { home });
    await on.calls.activate(session());
    const peer = await enrol(on);
    using connection = await peer.connect();
    disk.fill();
    const ends: string[] = [];
    // What the database has reserved already still takes a few.
    for (let number = 0; number < 30 && !ends.includes("storage_full"); number += 1) {
      ends.push(endOf(await askOn(connection, peer)));
    }
    expect(ends.at(-1)).toBe("storage_full");
    const answered = ends.filter((end) => end === "200").length;
    disk.free();
    using again = await peer.connect();
    expect(endOf(await askOn(again, peer, askFor()))).toBe("200");
    expect(rowsOf(home, asksIn)).toHaveLength(answered + 1);
    expect(await on.calls["audit/verify"]({})).toMatchObject({ ok: true });
  },
);
