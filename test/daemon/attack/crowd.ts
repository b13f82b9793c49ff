/** Many addresses of loopback at once: machines that answer a probe, and tarpits that never do. */

import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { Identity } from "../../../src/peer/identity.ts";
import { replyOf } from "./server.ts";

/** The observations of a whole crowd. */
export interface Crowded {
  /** Connections that are open now. */
  open: number;
  /** The most that were open at one time. */
  openMax: number;
  /** Connections in all. */
  connections: number;
  certificates: number;
  /** Every application byte, as text. */
  text: string;
}

const nothing = (): Crowded => ({
  open: 0,
  openMax: 0,
  connections: 0,
  certificates: 0,
  text: "",
});

/** Addresses to listen on, counted up in one /24 of loopback. */
export const loopback = (third: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `127.0.${third}.${at + 1}`);

/** A crowd that is gone after the block. */
export interface Crowd extends AsyncDisposable {
  readonly addresses: readonly string[];
  readonly seen: Crowded;
}

/** Accepts on every address, and never says a word. */
export async function tarpits(hosts: readonly string[]): Promise<Crowd> {
  const seen = nothing();
  return crowdOf(hosts, seen, () => createTcpServer((socket) => socket.resume()));
}

/** Who answers at an address. */
export interface Answering {
  readonly identity: Identity;
  /** The answer to a probe about the window. */
  readonly open: boolean;
}

/** Answers a probe on every address with that address's own answer. */
export async function answerers(
  hosts: readonly string[],
  at: (host: string) => Answering,
): Promise<Crowd> {
  const seen = nothing();
  return crowdOf(hosts, seen, (host) => {
    const { identity, open } = at(host);
    const server = createServer({
      cert: identity.certificate,
      key: identity.key,
      requestCert: true,
      rejectUnauthorized: false,
    });
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    server.on("secureConnection", (socket: TLSSocket) => {
      socket.on("error", () => socket.destroy());
      if ((socket.getPeerCertificate()?.raw?.length ?? 0) > 0) seen.certificates += 1;
      socket.on("data", (chunk: Buffer) => {
        seen.text += chunk.toString("latin1");
        // A probe's request comes in one piece.
        socket.write(replyOf({ open }));
      });
    });
    return server;
  });
}

async function crowdOf(
  hosts: readonly string[],
  seen: Crowded,
  make: (host: string) => Server,
): Promise<Crowd> {
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const addresses = await Promise.all(
    hosts.map(async (host) => {
      const server = make(host);
      servers.push(server);
      server.on("connection", (socket: Socket) => {
        sockets.add(socket);
        seen.connections += 1;
        seen.open += 1;
        seen.openMax = Math.max(seen.openMax, seen.open);
        socket.on("error", () => socket.destroy());
        socket.once("close", () => {
          sockets.delete(socket);
          seen.open -= 1;
        });
      });
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port: 0 }, resolve);
      });
      // A TCP server's address is never a string.
      const { port } = server.address() as AddressInfo;
      return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    }),
  );
  return {
    addresses,
    seen,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}
