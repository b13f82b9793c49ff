/** Machines in the middle of a pairing, and machines that send back what they were sent. */

import { describe, expect, test } from "bun:test";
import { connect } from "node:tls";
import type { PeernetError } from "../../../src/contract/errors.ts";
import type { Identity } from "../../../src/peer/identity.ts";
import { type Machine, machine, opened } from "../../support/daemon.ts";
import { eventsOf, recorded } from "../attack/attempts.ts";
import { newIdentity } from "../attack/connection.ts";
import { anyShare, responderOf } from "../attack/pairing.ts";
import { refusalOf } from "../attack/refusal.ts";
import { type FakeServer, type Incoming, liar, replyOf, type Seen } from "../attack/server.ts";

/** Ends TLS on both sides with a key of its own, and passes on every byte of what is inside. */
async function relayTo(
  address: string,
  identity: Identity,
): Promise<FakeServer & { readonly seen: Seen; readonly passed: () => string }> {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const onward = new Map<unknown, ReturnType<typeof connect>>();
  let passed = "";
  const server = await liar(identity, ({ head, body, socket }: Incoming) => {
    const existing = onward.get(socket);
    const { certificate: cert, key } = identity;
    const to =
      existing ?? connect({ host: "127.0.0.1", port, cert, key, rejectUnauthorized: false });
    if (existing === undefined) {
      onward.set(socket, to);
      to.on("error", () => socket.destroy());
      to.on("data", (chunk: Buffer) => {
        passed += chunk.toString("latin1");
        socket.write(chunk);
      });
      socket.once("close", () => to.destroy());
    }
    to.write(`${head}\r\n\r\n${body}`);
  });
  return { ...server, passed: () => passed };
}

const paired = async (on: Machine): Promise<number> => (await on.calls.peers({})).peers.length;

const promise =
  "P7: A machine in the middle that relays both ways cannot pair, though the code is right.";

describe(promise, () => {
  test("both ends fail and say so", async () => {
    await using shows = await machine("shows");
    await using types = await machine("types");
    const identity = newIdentity();
    await using relay = await relayTo(shows.address, identity);
    const window = await opened(shows);
    const error = await refusalOf(
      types.calls.pair({
        code: window.code,
        to: relay.address,
        fingerprint: identity.fingerprint,
        grant: ["ask"],
      }),
    );
    // The relay did pass on both messages: it is the tags that say no.
    expect(relay.seen.lines).toEqual(["POST /v1/pair/share", "POST /v1/pair/confirm"]);
    expect(relay.passed()).toContain('"share"');
    expect(error.body).toMatchObject({
      code: "code_rejected",
      message: "that is not the code shown there",
      hint: "peernet pair",
      details: { attempts_left: 2 },
    });
    expect(eventsOf(window)).toEqual(["opened", "attempt_failed"]);
    expect(await recorded(shows)).toEqual(["confirm code_rejected"]);
    expect(await recorded(types)).toEqual(["confirm code_rejected"]);
    expect([await paired(shows), await paired(types)]).toEqual([0, 0]);
    window.close();
  });

  test("a relay that shows its own key where the other was probed gets no byte", async () => {
    await using shows = await machine("shows");
    await using types = await machine("types");
    await using relay = await relayTo(shows.address, newIdentity());
    const window = await opened(shows);
    const { fingerprint } = shows.daemon;
    const error = await refusalOf(
      types.calls.pair({ code: window.code, to: relay.address, fingerprint, grant: ["ask"] }),
    );
    expect(error.body).toEqual({
      code: "fingerprint_mismatch",
      message: "another machine answers at that address",
      hint: "compare the fingerprints, then pair again",
    });
    expect(relay.seen.bytes).toBe(0);
    expect(eventsOf(window)).toEqual(["opened"]);
    window.close();
  });
});

/** Pairs towards a machine that lies; what it refused with, and what the liar saw. */
async function towards(
  answer: (incoming: Incoming, first: Incoming | undefined) => string,
): Promise<{ readonly error: PeernetError; readonly lines: readonly string[] }> {
  await using types = await machine("types");
  const identity = newIdentity();
  const earlier: Incoming[] = [];
  await using fake = await liar(identity, (incoming) => {
    incoming.socket.write(answer(incoming, earlier[0]));
    earlier.push(incoming);
  });
  const { fingerprint } = identity;
  const error = await refusalOf(
    types.calls.pair({ code: "123456", to: fake.address, fingerprint, grant: ["ask"] }),
  );
  expect(await paired(types)).toBe(0);
  return { error, lines: fake.seen.lines };
}

const shareOnly = ["POST /v1/pair/share"];

test("pair refuses a machine that sends share and document back", async () => {
  const { error, lines } = await towards(({ body }) => replyOf(body));
  expect(error.body).toEqual({
    code: "bad_request",
    message: "the other end sent this machine's own share back",
    hint: "compare the fingerprints, then pair again",
  });
  expect(lines).toEqual(shareOnly);
});

test("pair refuses another's share with this machine's document", async () => {
  const { error, lines } = await towards(({ body }) => {
    const { document } = JSON.parse(body);
    return replyOf({ share: anyShare.share, document });
  });
  expect(error.body).toEqual({
    code: "bad_request",
    message: "the pairing document is not valid",
    hint: "update peernet on both machines",
  });
  expect(lines).toEqual(shareOnly);
});

test("pair refuses a machine that sends this machine's tag back", async () => {
  const { error, lines } = await towards((incoming) =>
    incoming.line.endsWith("share")
      ? replyOf(responderOf())
      : replyOf({
          tag: JSON.parse(incoming.body).tag,
          token: "a.b.c",
          about: { name: "mallory", port: 1, token_key: "A".repeat(43), scopes: ["ask"] },
        }),
  );
  expect(error.body).toEqual({
    code: "code_rejected",
    message: "the other machine could not prove that it knows the code",
    hint: "compare the fingerprints on both machines, then pair again",
  });
  expect(lines).toEqual([...shareOnly, "POST /v1/pair/confirm"]);
});

test("pair refuses this very machine, before it sends a share", async () => {
  await using alone = await machine("alone");
  const window = await opened(alone);
  const { address: to } = alone;
  const { fingerprint } = alone.daemon;
  const error = await refusalOf(
    alone.calls.pair({ code: window.code, to, fingerprint, grant: ["ask"] }),
  );
  expect(error.body).toEqual({
    code: "bad_request",
    message: "a machine cannot pair with itself",
    hint: "run peernet pair --open on the other machine",
  });
  expect(await paired(alone)).toBe(0);
  expect(eventsOf(window)).toEqual(["opened"]);
  window.close();
});
