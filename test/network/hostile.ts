/**
 * A machine of somebody else, run on a host of a lab: listens on port 7337 of every address there
 * and prints what it could read, one JSON object a line.
 *
 * usage: hostile.ts forward HOST       passes bytes on as they are
 *        hostile.ts relay HOST         ends TLS with a certificate of its own, passes on the inside
 *        hostile.ts window CODE        claims that a window is open, and guesses a code
 *        hostile.ts endless            the same, but its replies do not end
 */

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { connect as connectTcp, createServer as createTcpServer, type Socket } from "node:net";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { settle } from "../../src/contract/errors.ts";
import { base64url, fromBase64url } from "../../src/contract/text/encoding.ts";
import { fingerprintOf, selfSigned } from "../../src/peer/certificate.ts";
import { respond } from "../../src/peer/cpace.ts";
import { sha256 } from "../../src/platform/real.ts";

const port = 7337;
const say = (value: object): void => console.log(JSON.stringify(value));

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const own = {
  key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  cert: selfSigned(privateKey, randomBytes(16)),
};

interface Listening {
  listen(at: { readonly host: string; readonly port: number }, run: () => void): unknown;
}

function listen(server: Listening): void {
  server.listen({ host: "0.0.0.0", port }, () => say({ ready: true }));
}

/** Copies both ways; a failed write ends both. */
function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  for (const [socket, partner] of [
    [one, other],
    [other, one],
  ] as const) {
    socket.on("error", () => partner.destroy());
    socket.on("close", () => partner.destroy());
  }
}

function forward(host: string): void {
  listen(createTcpServer((socket) => join(socket, connectTcp({ host, port }))));
}

const tlsServer = (): Server =>
  createServer({ ...own, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" });

function relay(host: string): void {
  const server = tlsServer();
  server.on("secureConnection", (socket) => {
    const target = connect({ host, port, ...own, rejectUnauthorized: false, servername: "" });
    socket.on("data", (bytes) => say({ read: bytes.toString("latin1") }));
    target.on("data", (bytes) => say({ read: bytes.toString("latin1") }));
    join(socket, target);
  });
  listen(server);
}

async function bodyOf(incoming: IncomingMessage): Promise<Record<string, string>> {
  let text = "";
  for await (const chunk of incoming) text += chunk;
  return JSON.parse(text);
}

function claimWindow(code: string | null): void {
  const server = tlsServer();
  const sockets = new WeakMap<object, TLSSocket>();
  const guesses = new WeakMap<TLSSocket, (tag: Uint8Array) => boolean>();
  const http = createHttpServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming);
    say({ path: incoming.url ?? "", body });
    const socket = sockets.get(incoming.socket);
    const reply = (value: object): unknown => outgoing.end(JSON.stringify(value));
    if (incoming.url === "/v1/window") return reply({ open: true });
    if (code === null || socket === undefined) return neverEnd(outgoing);
    if (incoming.url === "/v1/pair/share") {
      const guessed = guess(socket, code, body);
      guesses.set(socket, guessed.accepts);
      return reply(guessed.reply);
    }
    say({ guessed: guesses.get(socket)?.(bytes(body.tag)) });
    // Whatever it answers to the tag, it does not know the one that is expected of it.
    const about = { name: "laptop", port, token_key: "A".repeat(43), scopes: ["ask"] };
    return reply({ tag: "A".repeat(86), token: "a.b.c", about });
  });
  server.on("secureConnection", (socket) => {
    sockets.set(socket, socket);
    http.emit("connection", socket);
  });
  listen(server);
}

function neverEnd(outgoing: {
  write(text: string): boolean;
  once(event: string, run: () => void): unknown;
}) {
  const more = (): void => {
    while (outgoing.write(" ".repeat(65_536)));
    outgoing.once("drain", more);
  };
  more();
}

const bytes = (text: string | undefined): Uint8Array =>
  fromBase64url(text ?? "") ?? new Uint8Array();

/** Answers a share by a guessed code; `accepts` then shows from a tag if the guess was right. */
function guess(socket: TLSSocket, code: string, body: Record<string, string>) {
  const fingerprints = {
    initiator: fingerprintOf(socket.getPeerCertificate().raw, sha256),
    responder: fingerprintOf(
      Buffer.from(own.cert.replace(/-----.*?-----|\s/g, ""), "base64"),
      sha256,
    ),
  };
  const sid = socket.exportKeyingMaterial(32, "EXPORTER-peernet-pair-v1", Buffer.alloc(0));
  const random64 = new Uint8Array(randomBytes(64));
  const run = { code, fingerprints, sid: new Uint8Array(sid), random64, protocols: [1] };
  const { share, document, accepts } = settle(
    respond(run, bytes(body.share), bytes(body.document)),
  );
  return { accepts, reply: { share: base64url(share), document: base64url(document) } };
}

const [mode, target = ""] = process.argv.slice(2);
if (mode === "forward") forward(target);
else if (mode === "relay") relay(target);
else claimWindow(mode === "window" ? target : null);
