/** Reverse connections by hand: a machine that dials and answers, and one that takes and calls. */

import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { Identity } from "../../../src/peer/identity.ts";
import { hello } from "./asking.ts";
import { connectTo, type RawConnection, readReplies, requestOf } from "./connection.ts";
import { replyOf, takeRequest } from "./server.ts";

/** The name of the protocol, written out. */
export const reverseProtocol = "peernet-reverse/1";

/** An answer to a hello. */
export const helloAnswer = { ...hello, features: [], dialled: null, handles: null };

/** The bytes by which a proven key says that it does not accept a machine. */
export const refusalBytes = replyOf(
  { error: { code: "unauthenticated", message: "no", hint: "pair" } },
  "401 Unauthorized",
);

/** A reverse connection that a test dials. */
export interface DialledByHand extends Disposable {
  readonly connection: RawConnection;
  /** The paths of the calls so far. */
  readonly calls: readonly string[];
}

/** Dials a reverse connection, and answers each call; a null leaves it without an answer. */
export async function dialByHand(
  to: string,
  identity: Identity,
  answer: (path: string) => unknown = () => helloAnswer,
): Promise<DialledByHand> {
  const connection = await connectTo(to, { identity, protocols: [reverseProtocol] });
  const calls: string[] = [];
  let pending = "";
  connection.socket.on("data", (chunk: Buffer) => {
    pending += chunk.toString("latin1");
    for (let taken = takeRequest(pending); taken !== null; taken = takeRequest(pending)) {
      pending = taken.rest;
      const path = taken.line.replace("POST /v1/", "");
      calls.push(path);
      const value = answer(path);
      if (value !== null) connection.write(replyOf(value));
    }
  });
  return { connection, calls, [Symbol.dispose]: () => connection[Symbol.dispose]() };
}

/** A reverse connection that a test took. */
export interface TakenByHand {
  readonly socket: TLSSocket;
  readonly post: (path: string, body: unknown, token?: string) => ReturnType<RawConnection["post"]>;
  readonly isClosed: () => boolean;
  readonly closed: Promise<void>;
}

/** A machine that takes reverse connections. */
export interface TakerByHand extends AsyncDisposable {
  readonly port: number;
  /** All that it took, also those that have ended. */
  readonly taken: readonly TakenByHand[];
  /** Those that are open. */
  readonly open: () => readonly TakenByHand[];
  /** The answer to each hello on another connection. */
  answer: unknown;
  /** True where it ends such a connection at once. */
  isCutting: boolean;
}

/** Listens as a machine that names what it is told to, and takes reverse connections. */
export async function takeByHand(
  identity: Identity,
  features: readonly string[] = ["reverse"],
): Promise<TakerByHand> {
  const taken: TakenByHand[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createServer({
    cert: identity.certificate,
    key: identity.key,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1", reverseProtocol],
  });
  server.on("secureConnection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    if (socket.alpnProtocol !== reverseProtocol) answerHellos(socket);
    else if (taker.isCutting) {
      taken.push(takenFrom(socket));
      socket.destroy();
    } else taken.push(takenFrom(socket));
  });
  const answerHellos = (socket: TLSSocket): void => {
    let pending = "";
    socket.on("data", (chunk: Buffer) => {
      pending += chunk.toString("latin1");
      for (let next = takeRequest(pending); next !== null; next = takeRequest(pending)) {
        pending = next.rest;
        const { answer } = taker;
        socket.write(typeof answer === "string" ? answer : replyOf(answer));
      }
    });
  };
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const taker: TakerByHand = {
    port,
    taken,
    open: () => taken.filter(({ isClosed }) => !isClosed()),
    answer: { ...helloAnswer, features, dialled: false },
    isCutting: false,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return taker;
}

function takenFrom(socket: TLSSocket): TakenByHand {
  const { reply, isClosed } = readReplies(socket);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    socket,
    isClosed,
    closed,
    post: (path, body, token) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      socket.write(requestOf(path, text, token === undefined ? {} : { token }));
      return reply();
    },
  };
}
