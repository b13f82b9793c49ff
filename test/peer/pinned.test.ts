/** Connections to one paired machine: kept while they last, made again when they do not. */

import { expect, test } from "bun:test";
import { callsPerPeerMax } from "../../src/contract/limits.ts";
import { peerClient } from "../../src/peer/client.ts";
import { pinned } from "../../src/peer/pinned.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { sha256 } from "../../src/platform/real.ts";
import { newIdentity } from "../daemon/attack/connection.ts";
import { type Incoming, liar, replyOf } from "../daemon/attack/server.ts";
import { until } from "../support/until.ts";

const forever = new AbortController().signal;

/** A machine that answers so, the connections to it, and a client of it. */
async function known(answer: (incoming: Incoming) => void) {
  const identity = newIdentity();
  const server = await liar(identity, answer);
  const peer = {
    name: "mini",
    fingerprint: identity.fingerprint,
    certificate: identity.certificate,
  };
  const pin = { identity: newIdentity(), peer, sha256 };
  const address = { host: "127.0.0.1", port: server.port };
  const connections = pinned(pin);
  const client = peerClient({ ...pin, timers });
  return {
    server,
    connections,
    client,
    call: (signal = forever) =>
      connections.call(address, { path: "window", body: "{}" }, { token: null, signal }),
    ask: () => client.call("window", {}, { way: address, token: "", deadlineMs: 5_000 }),
    [Symbol.asyncDispose]: async () => {
      connections.close();
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const open = ({ socket }: Incoming): void => {
  socket.write(replyOf({ open: false }));
};

test("pinned() keeps a connection for each call at once, and for those that follow", async () => {
  await using mini = await known(open);
  for (let time = 0; time < 3; time += 1) await mini.call();
  expect(mini.server.seen.connections).toBe(1);
  await Promise.all(Array.from({ length: callsPerPeerMax }, () => mini.call()));
  expect(mini.server.seen.connections).toBe(callsPerPeerMax);
  await Promise.all(Array.from({ length: callsPerPeerMax }, () => mini.call()));
  expect(mini.server.seen.connections).toBe(callsPerPeerMax);
});

test("close() closes what pinned() keeps, and what comes back later", async () => {
  const held = Promise.withResolvers<void>();
  let asked = 0;
  await using mini = await known(async (incoming) => {
    asked += 1;
    if (asked > 1) await held.promise;
    open(incoming);
  });
  await mini.call();
  const late = [mini.call(), mini.call()];
  await until("both are under way", () => asked === 3);
  mini.connections.close();
  held.resolve();
  await Promise.all(late);
  await until("none is open", () => mini.server.open() === 0);
});

test("a call is made again where its kept connection has died, on a new one", async () => {
  let isDead = false;
  await using mini = await known((incoming) => {
    if (isDead) incoming.socket.destroy();
    else open(incoming);
    isDead = false;
  });
  expect((await mini.ask()).output).toEqual({ open: false });
  isDead = true;
  expect((await mini.ask()).output).toEqual({ open: false });
  expect(mini.server.seen.lines).toHaveLength(3);
  expect(mini.server.seen.connections).toBe(2);
});

test("pinned() ends a handshake by the signal of its call", async () => {
  await using mini = await known(open);
  const leaving = new AbortController();
  const called = mini.call(leaving.signal);
  leaving.abort(new Error("left"));
  await expect(called).rejects.toThrow("left");
  await expect(mini.call(leaving.signal)).rejects.toThrow("left");
  await until("none is open", () => mini.server.open() === 0);
  expect(mini.server.seen.lines).toEqual([]);
});
