/**
 * Hand-written clients for tests of the peer listener: one TLS connection, any bytes, and the
 * reply. Nothing here uses the daemon's own clients.
 */

import { connect, type TLSSocket } from "node:tls";
import { fingerprintOf } from "../../../src/peer/certificate.ts";
import { type Identity, loadOrCreate } from "../../../src/peer/identity.ts";
import { random, sha256 } from "../../../src/platform/real.ts";
import { fakeFiles } from "../../support/effects.ts";

/** Makes a machine's identity that no daemon holds. */
export const newIdentity = (): Identity => loadOrCreate({ files: fakeFiles(), random, sha256 });

/** A reply as it came over the wire. */
export interface Reply {
  readonly status: number;
  /** Status line and headers, without their last empty line. */
  readonly head: string;
  readonly body: string;
}

/** Additions to a request, besides its body. */
export interface Sending {
  readonly token?: string;
  readonly method?: string;
  /** Lines, each with its end. */
  readonly headers?: string;
}

/** One connection that an attacker holds. */
export interface RawConnection extends Disposable {
  readonly socket: TLSSocket;
  /** Of the certificate that the other end proved. */
  readonly fingerprint: string;
  /** The local `address:port`. */
  readonly local: string;
  exporter(label: string): Uint8Array;
  write(bytes: string | Uint8Array): void;
  /** The next whole reply; null when the connection ends before there is one. */
  reply(): Promise<Reply | null>;
  /** Sends a request with a JSON body; a string is sent as it is. */
  post(path: string, body: unknown, sending?: Sending): Promise<Reply | null>;
  /** Bytes received so far. */
  received(): number;
  isClosed(): boolean;
  readonly closed: Promise<void>;
}

/** From where and as whom to connect. */
export interface ConnectionOptions {
  readonly identity?: Identity | null;
  /** A local address, such as one of 127.0.0.0/8. */
  readonly from?: string;
  /** The name to send in SNI; none unless given. */
  readonly servername?: string;
  /** The protocols to offer by ALPN; none unless given. */
  readonly protocols?: readonly string[];
}

/** Connects to `address:port`. @throws when the handshake fails */
export async function connectTo(
  to: string,
  { identity = null, from, servername = "", protocols }: ConnectionOptions = {},
): Promise<RawConnection> {
  const socket = connect({
    host: to.slice(0, to.lastIndexOf(":")),
    port: Number(to.slice(to.lastIndexOf(":") + 1)),
    rejectUnauthorized: false,
    servername,
    ...(protocols === undefined ? {} : { ALPNProtocols: [...protocols] }),
    ...(from === undefined ? {} : { localAddress: from }),
    ...(identity === null ? {} : { cert: identity.certificate, key: identity.key }),
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.on("error", reject);
    void closed.then(() => reject(new Error("closed during the handshake")));
  });
  const local = `${socket.localAddress}:${socket.localPort}`;
  const replies = readReplies(socket);
  const write = (bytes: string | Uint8Array): void => {
    if (!socket.destroyed) socket.write(bytes);
  };
  return {
    socket,
    local,
    ...replies,
    closed,
    fingerprint: fingerprintOf(socket.getPeerCertificate().raw, sha256),
    exporter: (label) => new Uint8Array(socket.exportKeyingMaterial(32, label, Buffer.alloc(0))),
    write,
    post: (path, body, sending = {}) => {
      write(requestOf(path, typeof body === "string" ? body : JSON.stringify(body), sending));
      return replies.reply();
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** The bytes of a request; `path` follows `/v1/` unless it begins with a slash. */
export function requestOf(path: string, body: string, sending: Sending = {}): string {
  const { token, method = "POST", headers = "content-type: application/json\r\n" } = sending;
  const target = path.startsWith("/") ? path : `/v1/${path}`;
  const authorization = token === undefined ? "" : `authorization: Bearer ${token}\r\n`;
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\nhost: peernet\r\n${headers}`;
  return `${head}${authorization}${length}\r\n${body}`;
}

/** Reads whole replies from a socket, one after another. */
export function readReplies(socket: TLSSocket) {
  let bytes = Buffer.alloc(0);
  let count = 0;
  let isClosed = false;
  const waiting: ((reply: Reply | null) => void)[] = [];
  const deliver = (): void => {
    while (waiting.length > 0) {
      const parsed = parseReply(bytes);
      if (parsed === null) break;
      bytes = bytes.subarray(parsed.length);
      waiting.shift()?.(parsed.reply);
    }
    if (isClosed) for (const tell of waiting.splice(0)) tell(null);
  };
  socket.on("data", (chunk: Buffer) => {
    count += chunk.length;
    bytes = Buffer.concat([bytes, chunk]);
    deliver();
  });
  socket.once("close", () => {
    isClosed = true;
    deliver();
  });
  return {
    received: () => count,
    isClosed: () => isClosed,
    reply: () =>
      new Promise<Reply | null>((resolve) => {
        waiting.push(resolve);
        deliver();
      }),
  };
}

function parseReply(bytes: Buffer): { readonly reply: Reply; readonly length: number } | null {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const head = bytes.subarray(0, headEnd).toString("latin1");
  const length = headEnd + 4 + Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0);
  if (bytes.length < length) return null;
  const body = bytes.subarray(headEnd + 4, length).toString("utf8");
  return { reply: { status: Number(head.split(" ")[1]), head, body }, length };
}

/** The code of an error's body; null when it is not of our one shape. */
export function codeOf(reply: Reply | null): string | null {
  if (reply === null) return null;
  try {
    const { error } = JSON.parse(reply.body);
    const { code, message, hint, details, ...rest } = error;
    const isShaped = [code, message, hint].every((text) => typeof text === "string" && text !== "");
    return isShaped && Object.keys(rest).length === 0 ? code : null;
  } catch {
    return null;
  }
}
