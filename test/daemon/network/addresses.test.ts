/** Addresses of the settings that another program holds: the daemon listens on the others. */

import { expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { PeernetError } from "../../../src/contract/errors.ts";
import { Listening } from "../../../src/daemon/network/addresses.ts";
import type { Listener } from "../../../src/daemon/network/listener.ts";
import { fakeEffects } from "../../support/effects.ts";

/** Holds a port of an address, as another local user may before the daemon starts. */
async function holding(host: string, port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

const portOf = (server: Server): number => {
  const bound = server.address();
  return bound === null || typeof bound === "string" ? 0 : bound.port;
};

/** Listening on real sockets, with timers that a test moves. */
function listeningOn(addresses: readonly string[], port: number) {
  const effects = fakeEffects();
  const servers = new Map<string, Server>();
  const listener = {
    bind: async (host: string, asked: number) => {
      const server = await holding(host, asked).catch(() => null);
      if (server === null) {
        throw new PeernetError("port_in_use", { details: { address: `${host}:${asked}` } });
      }
      servers.set(host, server);
      return `${host}:${portOf(server)}`;
    },
  };
  const changes: (readonly string[])[] = [];
  const listening = new Listening({
    effects,
    config: { addresses, port },
    // Of the listener only binding is asked for here.
    listener: listener as unknown as Listener,
    lanAddresses: () => [],
    tailnetAddresses: async () => [],
    onChange: (listen) => changes.push(listen),
  });
  const close = () => Promise.all([...servers.values()].map((each) => each.close()));
  return { listening, effects, changes, close };
}

test("start() listens on the addresses that are left", async () => {
  const other = await holding("127.0.0.31", 0);
  const port = portOf(other);
  const { listening, effects, changes, close } = listeningOn(["127.0.0.31", "127.0.0.32"], port);
  await listening.start();
  expect(listening.listen).toEqual([`127.0.0.32:${port}`]);
  expect(listening.taken).toEqual([`127.0.0.31:${port}`]);
  const warnings = effects.log.entries.filter(({ event }) => event === "address_taken");
  expect(warnings).toHaveLength(1);
  expect(changes).toEqual([[`127.0.0.32:${port}`]]);
  listening.stop();
  other.close();
  await close();
});

test("start() fails where no address is left, and says which is taken", async () => {
  const other = await holding("127.0.0.33", 0);
  const { listening } = listeningOn(["127.0.0.33"], portOf(other));
  await expect(listening.start()).rejects.toMatchObject({
    code: "port_in_use",
    details: { address: `127.0.0.33:${portOf(other)}` },
  });
  other.close();
});
