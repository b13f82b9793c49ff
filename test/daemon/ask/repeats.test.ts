/** Asks that are repeated, asks that come too fast, and hellos of another version. */

import { expect, test } from "bun:test";
import {
  askMemoryMs,
  asksBurstMax,
  asksPerSecondMax,
  peerCountMs,
} from "../../../src/contract/limits.ts";
import { machine, session } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { askFor, askOn, endOf, hello } from "../attack/asking.ts";
import { codeOf } from "../attack/connection.ts";
import { rowsOf } from "../attack/disk.ts";
import { moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";

const asksIn = "SELECT outcome, content_sha256 FROM audit WHERE verb = 'ask'";

test("a repeated ask gets the recorded outcome, whatever has changed, and one record", async () => {
  const time = moved();
  await using on = await machine("on", time);
  await on.calls.activate(session());
  const peer = await enrol(on);
  using connection = await peer.connect();
  for (const handle of ["hydrate", "missing"]) {
    const ask = askFor(handle);
    const first = await askOn(connection, peer, ask);
    time.pass(1_000);
    await on.calls.activate(session({ summary: "changed", name: "hydrate" }));
    if (handle === "missing")
      await on.calls.activate(session({ name: "missing", session_id: "s" }));
    using another = await peer.connect();
    const second = await askOn(another, peer, ask);
    expect(second?.body).toBe(first?.body ?? "");
    expect(second?.status).toBe(first?.status ?? 0);
  }
  expect(rowsOf(on.home, asksIn)).toMatchObject([{ outcome: "ok" }, { outcome: "handle_unknown" }]);
  expect(endOf(await askOn(connection, peer, askFor("missing")))).toBe("200");
});

test("an ask's id is the same in capitals, and another handle under it is refused", async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  await on.calls.activate(session({ name: "second", session_id: "s", summary: "SECOND" }));
  const peer = await enrol(on);
  using connection = await peer.connect();
  const ask = askFor();
  const first = await askOn(connection, peer, ask);
  const capitals = { ...ask, ask_id: ask.ask_id.toUpperCase() };
  expect((await askOn(connection, peer, capitals))?.body).toBe(first?.body ?? "");
  for (const handle of ["second", "missing"]) {
    const other = await askOn(connection, peer, { ...capitals, handle });
    expect([other?.status, codeOf(other)]).toEqual([409, "id_conflict"]);
    expect(other?.body).not.toMatch(/SECOND|hydrate/);
  }
  // The first outcome stays the one of its id.
  expect((await askOn(connection, peer, ask))?.body).toBe(first?.body ?? "");
  expect(rowsOf(on.home, asksIn).map((row) => Object(row).outcome)).toEqual([
    "ok",
    // The second of its kind within the hour is only counted.
    "id_conflict",
  ]);
  await on.calls["peers/revoke"]({ name: "mallory", scopes: null });
  const denied = await askOn(connection, peer, { ...ask, handle: "second" });
  expect(codeOf(denied)).toBe("scope_denied");
});

test("two of the same ask in one commit are one record and one answer", async () => {
  const time = moved();
  await using on = await machine("on", time);
  await on.calls.activate(session());
  const peer = await enrol(on);
  using one = await peer.connect();
  using other = await peer.connect();
  const ask = askFor();
  time.hold();
  const asked = [askOn(one, peer, ask), askOn(other, peer, ask)];
  await until("they wait for their commit", () => time.held() > 0);
  for (let times = 0; times < 20; times += 1) await on.calls.status({});
  time.release();
  const [first, second] = await Promise.all(asked);
  expect(first?.status).toBe(200);
  expect(second?.body).toBe(first?.body ?? "");
  expect(rowsOf(on.home, asksIn)).toHaveLength(1);
});

test("an ask's id is one peer's own: another's gets its own outcome", async () => {
  await using on = await machine("on");
  await on.calls.activate(session());
  const peer = await enrol(on, { name: "one" });
  const paused = await enrol(on, { name: "two", grant: [] });
  const ask = askFor();
  using one = await peer.connect();
  using other = await paused.connect();
  expect(endOf(await askOn(one, peer, ask))).toBe("200");
  expect(endOf(await askOn(other, paused, ask))).toBe("scope_denied");
  expect(rowsOf(on.home, asksIn)).toHaveLength(2);
});

test("an ask is remembered for a minute and no longer", async () => {
  const time = moved();
  await using on = await machine("on", time);
  await on.calls.activate(session());
  const peer = await enrol(on);
  using connection = await peer.connect();
  const ask = askFor();
  await askOn(connection, peer, ask);
  const remembered = () => rowsOf(on.home, "SELECT 1 FROM answered").length;
  time.move({ bootMs: askMemoryMs });
  time.sweep();
  await on.calls.status({});
  expect(remembered()).toBe(1);
  time.move({ bootMs: 1 });
  time.sweep();
  await until("it is forgotten", () => remembered() === 0);
});

test("a peer may ask 40 times at once and 20 times a second; the rest is counted", async () => {
  const time = moved();
  await using on = await machine("on", time);
  await on.calls.activate(session());
  const peer = await enrol(on);
  const other = await enrol(on, { name: "other" });
  using connection = await peer.connect();
  const asked = async (times: number): Promise<number> => {
    let passed = 0;
    for (let number = 0; number < times; number += 1) {
      const reply = await askOn(connection, peer);
      if (reply?.status === 200) passed += 1;
      else {
        expect(reply?.status).toBe(429);
        expect(JSON.parse(reply?.body ?? "")).toEqual({
          error: {
            code: "rate_limited",
            message: "too many calls at once",
            hint: "wait a second, then try again",
            details: { retry_after_ms: 1_000 / asksPerSecondMax },
          },
        });
      }
    }
    return passed;
  };
  // The burst that pairing used is restored first.
  time.move({ monotonicMs: 10_000 });
  expect(await asked(asksBurstMax + 10)).toBe(asksBurstMax);
  time.pass(1_000);
  expect(await asked(asksPerSecondMax + 5)).toBe(asksPerSecondMax);
  using others = await other.connect();
  expect(endOf(await askOn(others, other))).toBe("200");
  time.pass(peerCountMs);
  time.sweep();
  const counted = () =>
    rowsOf(
      on.home,
      "SELECT peer_fingerprint, count, origin_address FROM audit WHERE outcome = 'rate_limited'",
    );
  await until("it is recorded", () => counted().length > 0);
  const { fingerprint } = peer.identity;
  expect(counted()).toEqual([{ peer_fingerprint: fingerprint, count: 15, origin_address: null }]);
  expect(rowsOf(on.home, asksIn)).toHaveLength(asksBurstMax + asksPerSecondMax + 1);
});

test("hello takes a newer machine that still speaks this protocol, and no other", async () => {
  await using on = await machine("on");
  const peer = await enrol(on);
  using connection = await peer.connect();
  const say = (more: object) =>
    connection.post("hello", { ...hello, ...more }, { token: peer.token });
  expect((await say({ version: "9.9.9", protocols: [1, 2, 3], more: "fields" }))?.status).toBe(200);
  expect((await on.calls.peers({})).peers[0]?.version).toBe("9.9.9");
  const refused = await say({ version: "99.0.0", protocols: [2, 3] });
  expect([refused?.status, codeOf(refused)]).toEqual([426, "version_unsupported"]);
  expect(JSON.parse(refused?.body ?? "").error).toEqual({
    code: "version_unsupported",
    message: "the versions do not fit together",
    hint: "update peernet",
  });
  expect((await on.calls.peers({})).peers[0]?.version).toBe("9.9.9");
  for (const protocols of [[], [0], ["1"], Array.from({ length: 17 }, (_, at) => at + 1)]) {
    expect(codeOf(await say({ protocols }))).toBe("bad_request");
  }
});
