/** An ask of everything, while one peer announces many handles and answers for none. */

import { expect, test } from "bun:test";
import type { AnswerMany } from "../../../src/contract/ask.ts";
import { connectionsPerPeerMax, handlesMax } from "../../../src/contract/limits.ts";
import { machine, pair, session } from "../../support/daemon.ts";
import { newIdentity } from "../attack/connection.ts";
import { enrol } from "../attack/pairing.ts";
import { liar, replyOf } from "../attack/server.ts";

const handles = Array.from({ length: handlesMax }, (_, at) => ({
  name: `h${at}`,
  project: "hydrate",
  state: null,
  state_for_ms: null,
  expires_in_ms: 70_000,
}));

const greeting = JSON.stringify({
  version: "0.1.0",
  protocols: [1],
  scopes: ["ask"],
  checkpoint: null,
  witness: null,
  dialled: true,
  handles,
});

test("44: askMany() ends at one deadline, with the answers of all who gave one", async () => {
  await using asks = await machine("asks");
  await using mini = await machine("mini");
  await mini.calls.activate(session());
  await pair(mini, asks);
  const identity = newIdentity();
  await using peer = await liar(identity, ({ line, socket }) => {
    if (line === "POST /v1/hello") socket.write(replyOf(JSON.parse(greeting)));
  });
  await enrol(asks, { identity, port: peer.port });
  const deadlineMs = 1_000;
  const asked = () =>
    asks.calls.ask({ handle: null, question: null, thread_id: null, timeout_ms: deadlineMs });
  const startedMs = performance.now();
  // An ask without a target gets the answer of many.
  const many = (await asked()) as AnswerMany;
  const tookMs = performance.now() - startedMs;
  expect(many.answers.map(({ handle }) => handle)).toEqual(["mini/hydrate"]);
  const silent = many.errors.filter(({ handle }) => handle.startsWith("mallory"));
  expect(silent.map(({ error }) => error.code)).toEqual(silent.map(() => "peer_timeout"));
  expect(silent.at(-1)?.handle).toBe("mallory");
  expect(silent.at(-1)?.error.message).toStartWith("mallory did not answer within 1 s; last seen");
  // One for each connection at once, and no further one after the first silence.
  const lines = peer.seen.lines.filter((line) => line === "POST /v1/ask");
  expect(lines.length).toBeLessThanOrEqual(2 * connectionsPerPeerMax);
  expect(tookMs).toBeGreaterThanOrEqual(deadlineMs - 5);
  expect(tookMs).toBeLessThan(2 * deadlineMs);
});

test("askMany() waits shortly for a peer known to be down, and says how it stands", async () => {
  await using asks = await machine("asks");
  {
    await using mini = await machine("mini");
    await pair(mini, asks);
  }
  const input = { handle: null, question: null, thread_id: null, timeout_ms: 20_000 };
  await asks.calls.ask(input);
  const startedMs = performance.now();
  const many = (await asks.calls.ask(input)) as AnswerMany;
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(many.errors).toMatchObject([
    { handle: "mini", standing: { link: "down", link_reason: null, acknowledged: true } },
  ]);
});
