/**
 * The peer listener: TLS 1.3 sockets whose caller's key is proven, handed to an HTTP parser, with
 * bounds on places, headers, bodies and time. Knows connections, not operations: what a request
 * may do is for `admit` and `answer` to say, and nothing of a body is read before `admit` has.
 */

import { constants } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  createServer as createTlsServer,
  type TLSSocket,
  type Server as TlsServer,
} from "node:tls";
import { type Outcome, PeernetError, refuse } from "../contract/errors.ts";
import {
  bodyBytesMax,
  headerBytesMax,
  headerDeadlineMs,
  idleMs,
  lingerMs,
  requestDeadlineMs,
} from "../contract/limits.ts";
import { fingerprintOf, pemOf } from "../peer/certificate.ts";
import type { Identity } from "../peer/identity.ts";
import type { Clock } from "../platform/effects.ts";
import {
  type Connection,
  endsOf,
  hostAndPort,
  type Place,
  Places,
  plainAddress,
  socketOrigin,
} from "./connection.ts";

/** What the listener asks of the daemon. */
export interface ListenerOptions<C> {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly isPeer: (fingerprint: string) => boolean;
  /** Judges the caller by path, connection and token, before the body is read. */
  readonly admit: (
    path: string,
    connection: Connection,
    token: string | null,
  ) => Promise<Outcome<C>>;
  /** Answers an admitted request. */
  readonly answer: (request: Request, caller: C) => Promise<Response>;
  /** The one shape of a refusal. */
  readonly refusal: (error: PeernetError) => Response;
}

/** A listener that may be bound to several addresses. */
export interface Listener {
  /** Binds one more address; returns `address:port`. @throws {port_in_use} {bad_request} */
  bind(address: string, port: number): Promise<string>;
  /** Lets go of an address that `bind` returned; its connections end. */
  unbind(bound: string): Promise<void>;
  /** Closes all connections of a fingerprint; tells how many. */
  closeConnectionsOf(fingerprint: string): number;
  /** Closes what is past its deadline; called by the sweep. */
  sweep(): void;
  stop(): Promise<void>;
}

/** Makes a listener that is bound to nothing yet. */
export function createListener<C>(options: ListenerOptions<C>): Listener {
  const places = new Places();
  const connections = new WeakMap<object, Connection>();
  const bridge: Bridge<C> = { options, places, connections };
  const http = createServer({ maxHeaderSize: headerBytesMax, insecureHTTPParser: false });
  http.on("request", (incoming, outgoing) => void serve(bridge, incoming, outgoing));
  // A protocol the parser does not know is not answered: its framing cannot be trusted.
  http.on("upgrade", (_request, socket) => socket.destroy());
  http.on("clientError", (_error, socket) => socket.destroy());
  const servers = new Map<string, TlsServer>();
  return {
    bind: async (address, port) => {
      const server = tlsServer(bridge, http);
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
    sweep: () => places.closeOverdue(options.clock.monotonicMs()),
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
  readonly connections: WeakMap<object, Connection>;
}

function tlsServer<C>(bridge: Bridge<C>, http: Server): TlsServer {
  const { identity } = bridge.options;
  const server = createTlsServer({
    cert: identity.certificate,
    key: identity.key,
    requestCert: true,
    // The handshake still proves possession of the key; who may do what is the application's.
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
    // A resumed session would carry the certificate of whoever began it.
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: headerDeadlineMs,
    ALPNProtocols: ["http/1.1"],
  });
  server.on("connection", (socket: Socket) => accepted(bridge, socket));
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("secureConnection", (socket) => {
    if (secured(bridge, socket)) http.emit("connection", socket);
  });
  return server;
}

function accepted<C>({ options, places }: Bridge<C>, socket: Socket): void {
  const now = options.clock.monotonicMs();
  const place: Place = {
    address: plainAddress(socket.remoteAddress),
    local: hostAndPort(plainAddress(socket.localAddress), socket.localPort ?? null),
    since: now,
    fingerprint: null,
    known: false,
    deadlineMs: now + headerDeadlineMs,
    destroy: () => {
      places.leave(socket);
      socket.destroy();
    },
  };
  places.take(socket, place);
  socket.once("close", () => places.leave(socket));
  socket.on("error", () => socket.destroy());
}

/** Notes who a socket is, once, when its handshake is done. */
function secured<C>({ options, places, connections }: Bridge<C>, socket: TLSSocket): boolean {
  const place = places.get(socket);
  // The same socket as was accepted, unless it was displaced while it shook hands.
  if (place === undefined) {
    socket.destroy();
    return false;
  }
  socket.on("error", () => socket.destroy());
  const raw: unknown = socket.getPeerCertificate()?.raw;
  const der = raw instanceof Uint8Array && raw.length > 0 ? raw : null;
  const fingerprint = der === null ? null : fingerprintOf(der, options.sha256);
  if (fingerprint !== null) places.prove(place, fingerprint, options.isPeer(fingerprint));
  place.deadlineMs = options.clock.monotonicMs() + headerDeadlineMs;
  const ends = endsOf(socket);
  connections.set(socket, {
    fingerprint,
    certificate: der === null ? null : pemOf(der),
    origin: socketOrigin(ends),
    isPlaced: false,
    ends,
    exporter: (label) => new Uint8Array(socket.exportKeyingMaterial(32, label, Buffer.alloc(0))),
    requests: 0,
    closeSoon: false,
  });
  return true;
}

async function serve<C>(
  bridge: Bridge<C>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { options, places, connections } = bridge;
  const connection = connections.get(incoming.socket);
  const place = places.get(incoming.socket);
  if (connection === undefined || place === undefined) {
    incoming.socket.destroy();
    return;
  }
  const now = () => options.clock.monotonicMs();
  connection.requests += 1;
  place.deadlineMs = now() + requestDeadlineMs;
  const response = await respond(bridge, connection, incoming);
  if (connection.fingerprint !== null && !place.known && options.isPeer(connection.fingerprint)) {
    places.prove(place, connection.fingerprint, true);
  }
  const idle = place.known ? idleMs : headerDeadlineMs;
  // What was refused may still be sending: it gets the reply, and little time to read it.
  const ends = connection.closeSoon || !incoming.complete;
  place.deadlineMs = now() + (ends ? lingerMs : idle);
  await write(outgoing, response, ends);
}

async function respond<C>(
  { options }: Bridge<C>,
  connection: Connection,
  incoming: IncomingMessage,
): Promise<Response> {
  try {
    const framing = incoming.headers["transfer-encoding"];
    if (framing !== undefined && framing.toLowerCase() !== "chunked") {
      return refused(options, connection, new PeernetError("bad_request"));
    }
    const path = incoming.url ?? "";
    const admitted = await options.admit(path, connection, bearerOf(incoming));
    if (!admitted.ok) return refused(options, connection, admitted.error);
    const body = await readBody(incoming);
    if (!body.ok) return refused(options, connection, body.error);
    const request = new Request(`http://peernet.invalid${path}`, {
      method: incoming.method ?? "POST",
      headers: { "content-type": incoming.headers["content-type"] ?? "" },
      ...(incoming.method === "POST" ? { body: body.value } : {}),
    });
    return await options.answer(request, admitted.value);
  } catch {
    return refused(options, connection, new PeernetError("internal"));
  }
}

function refused<C>(
  options: ListenerOptions<C>,
  connection: Connection,
  error: PeernetError,
): Response {
  connection.closeSoon = true;
  return options.refusal(error);
}

function bearerOf(incoming: IncomingMessage): string | null {
  const match = /^Bearer ([A-Za-z0-9._-]+)$/.exec(incoming.headers.authorization ?? "");
  return match?.[1] ?? null;
}

async function readBody(incoming: IncomingMessage): Promise<Outcome<Uint8Array<ArrayBuffer>>> {
  if (Number(incoming.headers["content-length"] ?? 0) > bodyBytesMax) {
    return refuse("body_too_large");
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > bodyBytesMax) return refuse("body_too_large");
    chunks.push(chunk);
  }
  return { ok: true, value: new Uint8Array(Buffer.concat(chunks)) };
}

async function write(outgoing: ServerResponse, response: Response, ends: boolean): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, {
    "content-type": response.headers.get("content-type") ?? "application/json",
    "content-length": body.length,
    connection: ends ? "close" : "keep-alive",
  });
  outgoing.end(body);
}

function listen(server: TlsServer, address: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(bindError(error, address, port)));
    server.listen({ host: address, port }, () => {
      // A TCP server's address is never a string.
      const bound = server.address() as AddressInfo;
      resolve(address.includes(":") ? `[${address}]:${bound.port}` : `${address}:${bound.port}`);
    });
  });
}

function bindError(error: Error, address: string, port: number): PeernetError {
  const code = "code" in error ? error.code : "";
  const at = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
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
