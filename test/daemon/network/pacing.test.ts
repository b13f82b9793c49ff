/** The rates of one peer's calls: a bucket for each, and the time after which a call may pass. */

import { expect, test } from "bun:test";
import { rates } from "../../../src/contract/limits/rates.ts";
import { machine, session } from "../../support/daemon.ts";
import { askOn, endOf, hello } from "../attack/asking.ts";
import { moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";

test("pacing() gives a peer's mail a bucket beside its asks, and says when to call", async () => {
  const time = moved();
  await using on = await machine("on", time);
  await on.calls.activate(session());
  const peer = await enrol(on);
  const other = await enrol(on, { name: "other" });
  using connection = await peer.connect();
  const reached = () =>
    connection.post(
      "reached",
      { wait_id: Bun.randomUUIDv7(), outcome: "ended", reason: "gone", answer: null },
      { token: peer.token },
    );
  // The asks that pairing made are restored first.
  time.move({ monotonicMs: 10_000 });
  for (let call = 0; call < rates.mail.burst; call += 1) {
    expect(endOf(await reached())).toBe("id_unknown");
  }
  const refused = await reached();
  expect([refused?.status, JSON.parse(refused?.body ?? "").error]).toEqual([
    429,
    {
      code: "rate_limited",
      message: "too many calls at once",
      hint: "wait a second, then try again",
      details: { retry_after_ms: 1_000 / rates.mail.perSecond },
    },
  ]);
  for (let ask = 0; ask < rates.asks.burst; ask += 1) {
    expect(endOf(await askOn(connection, peer))).toBe("200");
  }
  expect(endOf(await askOn(connection, peer))).toBe("rate_limited");
  expect(endOf(await connection.post("hello", hello, { token: peer.token }))).toBe("rate_limited");
  time.move({ monotonicMs: 1_000 / rates.mail.perSecond });
  expect(endOf(await reached())).toBe("id_unknown");
  expect(endOf(await reached())).toBe("rate_limited");
  using others = await other.connect();
  expect(endOf(await askOn(others, other))).toBe("200");
});

test("pacing() counts a call before its body is judged", async () => {
  const time = moved();
  await using on = await machine("on", time);
  const peer = await enrol(on);
  using connection = await peer.connect();
  time.move({ monotonicMs: 10_000 });
  const ends: string[] = [];
  for (let ask = 0; ask <= rates.asks.burst; ask += 1) {
    ends.push(endOf(await askOn(connection, peer, { handle: 1 })));
  }
  expect(new Set(ends.slice(0, -1))).toEqual(new Set(["bad_request"]));
  expect(ends.at(-1)).toBe("rate_limited");
});
