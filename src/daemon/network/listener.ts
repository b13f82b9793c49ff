/**
 * The peer listener: TLS 1.3 sockets whose caller's key is proven, then served, with limits on
 * slots, headers, bodies and time. Knows connections, not operations. `admit` and `answer` decide
 * the rights of a request, and no body is read before `admit` has.
 */

import { constants } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import {
  createServer as createTlsServer,
  type TLSSocket,
  type Server as TlsServer,
} from "node:tls";
import { PeernetError } from "../../contract/errors.ts";
import { reverseSilenceMs } from "../../contract/limits/reverse.ts";
import { headerDeadlineMs, idleMs } from "../../contract/limits.ts";
import { formatAddress, plainAddress } from "../../contract/text/address.ts";
import { directProtocol, reverseProtocol } from "../../contract/wire/reverse.ts";
import type { Draw } from "../../core/admission.ts";
import type { Identity } from "../../peer/identity.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Connection, connectionOf, type Place } from "./connection.ts";
import { Places } from "./places.ts";
import type { ServingOptions } from "./request.ts";
import { type ServeSocket, socketServer } from "./serve-socket.ts";

/** Dependencies of the listener. */
export interface ListenerOptions<C> extends ServingOptions<C> {
  readonly identity: Identity;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly draw: Draw;
  readonly isPeer: (fingerprint: string) => boolean;
  /** Addresses at which peers' keys were proven in the last day, as far as they are remembered. */
  readonly familiar: readonly string[];
  /** Called with a stranger that was closed in favour of another. */
  readonly onDisplaced: (place: Place) => void;
  /** Takes a reverse connection, whose key is proven. False for a machine that is no live peer. */
  readonly takeReverse: (socket: TLSSocket, connection: Connection) => boolean;
}

/** A listener that may be bound to several addresses. */
export interface Listener {
  /** Binds one more address; returns `address:port`. @throws {port_in_use} {bad_request} */
  bind(address: string, port: number): Promise<string>;
  /** Releases an address that `bind` returned; its connections end. */
  unbind(bound: string): Promise<void>;
  /** Closes all connections on which a fingerprint is served; returns their number. */
  closeConnectionsOf(fingerprint: string): number;
  /** The present connections of a fingerprint, without later ones. */
  connectionsOf(fingerprint: string): readonly Pick<Place, "destroy">[];
  /** Closes the reverse connections of a fingerprint; returns their number. */
  closeReverseOf(fingerprint: string): number;
  /** Serves a peer's calls on a connection that this machine dialled. */
  serveDialled(socket: TLSSocket): Connection;
  /** Closes connections past their deadline; called by the sweep. */
  sweep(): void;
  /** Milliseconds until the next deadline. */
  dueInMs(now: Instant): number;
  stop(): Promise<void>;
}

/** Makes an unbound listener. */
export function createListener<C>(options: ListenerOptions<C>): Listener {
  const places = new Places(options);
  const bridge: Bridge<C> = { options, places, serveSocket: socketServer(options) };
  const servers = new Map<string, TlsServer>();
  return {
    bind: async (address, port) => {
      const server = tlsServer(bridge);
      const bound = await listen(server, address, port);
      servers.set(bound, server);
      return bound;
    },
    unbind: async (bound) => {
      const server = servers.get(bound);
      servers.delete(bound);
      places.closeAt(bound);
      if (server !== undefined) await closedOf(server);
    },
    closeConnectionsOf: (fingerprint) => places.closeOf(fingerprint),
    connectionsOf: (fingerprint) => places.of(fingerprint),
    closeReverseOf: (fingerprint) => places.closeReverseOf(fingerprint),
    serveDialled: (socket) => serveDialled(bridge, socket),
    sweep: () => places.closeOverdue(options.clock.monotonicMs()),
    dueInMs: (now) => places.earliestMs() - now.monotonicMs,
    stop: async () => {
      const closed = [...servers.values()].map(closedOf);
      places.closeAll();
      await Promise.all(closed);
    },
  };
}

interface Bridge<C> {
  readonly options: ListenerOptions<C>;
  readonly places: Places;
  readonly serveSocket: ServeSocket;
}

function tlsServer<C>(bridge: Bridge<C>): TlsServer {
  const { identity } = bridge.options;
  const server = createTlsServer({
    cert: identity.certificate,
    key: identity.key,
    requestCert: true,
    // No authority vouches for anyone. Without a list of its own, OpenSSL would search the system's
    // certificate folder at every handshake.
    ca: identity.certificate,
    // The handshake still proves possession of the key; the application decides the rights.
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
    // A resumed session would carry the certificate of the connection that began it.
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: headerDeadlineMs,
    // A caller that has ended its sending may still read the reply.
    allowHalfOpen: true,
    ALPNProtocols: [directProtocol, reverseProtocol],
  });
  server.on("connection", (socket: Socket) => accepted(bridge, socket));
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("secureConnection", (socket) => {
    try {
      secured(bridge, socket);
    } catch (error) {
      bridge.options.onFailure("a handshake", error);
      socket.destroy();
    }
  });
  return server;
}

function accepted<C>({ options, places }: Bridge<C>, socket: Socket): void {
  const now = options.clock.monotonicMs();
  const place: Place = {
    address: plainAddress(socket.remoteAddress ?? "unknown"),
    local: formatAddress(plainAddress(socket.localAddress ?? "unknown"), socket.localPort ?? null),
    since: now,
    ...unproven,
    deadlineMs: now + headerDeadlineMs,
    destroy: () => {
      places.leave(socket);
      socket.destroy();
    },
  };
  places.take(socket, place);
  socket.once("close", () => places.leave(socket));
  socket.on("error", () => socket.destroy());
  options.onVisit();
}

const unproven = {
  ...{ kept: false, settled: false, known: false, busy: false },
  ...{ reverse: null, fingerprint: null },
};

/** Notes a socket's key, once, when its handshake is done, and serves it. */
function secured<C>({ options, places, serveSocket }: Bridge<C>, socket: TLSSocket): void {
  const place = places.get(socket);
  // The accepted socket, unless it was displaced during its handshake.
  if (place === undefined) {
    socket.destroy();
    return;
  }
  socket.on("error", () => socket.destroy());
  const connection = connectionOf(socket, options.sha256);
  place.settled = true;
  if (socket.alpnProtocol === reverseProtocol) {
    if (connection.fingerprint !== null && options.takeReverse(socket, connection)) {
      places.proveReverse(place, connection.fingerprint);
    } else place.destroy();
    return;
  }
  prove({ options, places }, place, connection);
  place.deadlineMs = options.clock.monotonicMs() + headerDeadlineMs;
  serveSocket(socket, {
    connection,
    place,
    idleMs: () => {
      // The request just answered may have made the machine a peer.
      if (!place.known) prove({ options, places }, place, connection);
      return place.known ? idleMs : headerDeadlineMs;
    },
  });
}

/** Serves a socket that this machine dialled, at a place of its own. */
function serveDialled<C>(
  { options, places, serveSocket }: Bridge<C>,
  socket: TLSSocket,
): Connection {
  const connection = connectionOf(socket, options.sha256, true);
  const { localAddress, remoteAddress } = connection.ends;
  const now = options.clock.monotonicMs();
  const place: Place = {
    ...unproven,
    address: remoteAddress,
    local: formatAddress(localAddress, socket.localPort ?? null),
    since: now,
    settled: true,
    known: true,
    reverse: "dialled",
    fingerprint: connection.fingerprint,
    deadlineMs: now + reverseSilenceMs,
    destroy: () => {
      places.leave(socket);
      socket.destroy();
    },
  };
  places.add(socket, place);
  socket.once("close", () => places.leave(socket));
  serveSocket(socket, { connection, place, idleMs: () => reverseSilenceMs });
  return connection;
}

function prove<C>(
  { options, places }: Pick<Bridge<C>, "options" | "places">,
  place: Place,
  { fingerprint }: Connection,
): void {
  if (fingerprint !== null) places.prove(place, fingerprint, options.isPeer(fingerprint));
}

function listen(server: TlsServer, address: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(bindError(error, address, port)));
    server.listen({ host: address, port }, () => {
      // A TCP server's address is never a string.
      const bound = server.address() as AddressInfo;
      resolve(formatAddress(address, bound.port));
    });
  });
}

function bindError(error: Error, address: string, port: number): PeernetError {
  const code = "code" in error ? error.code : "";
  const at = formatAddress(address, port);
  if (code === "EADDRINUSE") {
    return new PeernetError("port_in_use", {
      message: `the daemon cannot start: ${at} is used by another program`,
      hint: "set listen.port = 0 in config.toml",
      details: { address: at },
    });
  }
  return new PeernetError("bad_request", {
    message: `the daemon cannot listen on ${at} (${code})`,
    hint: "set listen.addresses in config.toml to addresses of this machine",
  });
}

const closedOf = (server: TlsServer): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
