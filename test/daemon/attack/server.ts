/** TLS servers that pretend to be a machine: they see every byte, and answer at will. */

import type { Socket } from "node:net";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { Identity } from "../../../src/peer/identity.ts";

/** A server that a test runs. */
export interface FakeServer extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

/** A request as it came. */
export interface Incoming {
  /** `POST /v1/window`. */
  readonly line: string;
  readonly head: string;
  readonly body: string;
  readonly socket: TLSSocket;
}

/** The observations of a lying machine. */
export interface Seen {
  /** The request lines, in order. */
  readonly lines: string[];
  /** Every application byte, as text. */
  text: string;
  /** Application bytes. */
  bytes: number;
  /** The number of connections that proved a certificate. */
  certificates: number;
  connections: number;
}

/** A machine that lies: `answer` gets each request, and writes any reply to its socket. */
export async function liar(
  identity: Identity,
  answer: (incoming: Incoming) => void,
  options: TlsOptions & { readonly port?: number } = {},
): Promise<FakeServer & { readonly seen: Seen; readonly open: () => number }> {
  const seen: Seen = { lines: [], text: "", bytes: 0, certificates: 0, connections: 0 };
  const { port = 0, ...tls } = options;
  const server = createServer({
    cert: identity.certificate,
    key: identity.key,
    requestCert: true,
    rejectUnauthorized: false,
    ...tls,
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("secureConnection", (socket) => {
    seen.connections += 1;
    if ((socket.getPeerCertificate()?.raw?.length ?? 0) > 0) seen.certificates += 1;
    socket.on("error", () => socket.destroy());
    let pending = "";
    socket.on("data", (chunk: Buffer) => {
      seen.bytes += chunk.length;
      seen.text += chunk.toString("latin1");
      pending += chunk.toString("latin1");
      for (let taken = takeRequest(pending); taken !== null; taken = takeRequest(pending)) {
        pending = taken.rest;
        seen.lines.push(taken.line);
        answer({ ...taken, socket });
      }
    });
  });
  const bound = await listening(server, port);
  const open = (): number => sockets.size;
  return { ...bound, seen, open, [Symbol.asyncDispose]: () => closed(server, sockets) };
}

/** The first whole request of a text, and what follows it; null when there is none. */
export function takeRequest(text: string) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = text.slice(0, end);
  const bodyEnd = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  if (text.length < bodyEnd) return null;
  const line = head.slice(0, head.indexOf(" HTTP/"));
  return { line, head, body: text.slice(end + 4, bodyEnd), rest: text.slice(bodyEnd) };
}

/** The bytes of a reply with a JSON body. */
export function replyOf(value: unknown, status = "200 OK", headers = ""): string {
  const body = typeof value === "string" ? value : JSON.stringify(value);
  const length = Buffer.byteLength(body);
  const type = "content-type: application/json\r\n";
  return `HTTP/1.1 ${status}\r\n${type}${headers}content-length: ${length}\r\n\r\n${body}`;
}

/** A TCP server that gives every connection to a function. */
export async function tcpServer(accept: (socket: Socket) => void): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    accept(socket);
  });
  const bound = await listening(server, 0);
  return { ...bound, [Symbol.asyncDispose]: () => closed(server, sockets) };
}

type Listening = Pick<ReturnType<typeof createTcpServer>, "listen" | "address" | "close" | "once">;

function listening(server: Listening, port: number): Promise<{ address: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => {
      // A TCP server's address is never a string.
      const bound = server.address() as AddressInfo;
      resolve({ address: `127.0.0.1:${bound.port}`, port: bound.port });
    });
  });
}

function closed(server: Listening, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    for (const socket of sockets) socket.destroy();
    server.close(() => resolve());
  });
}
