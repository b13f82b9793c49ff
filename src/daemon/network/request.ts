/**
 * One request on a connection and its reply: framing, admission before the body, the body's cap,
 * deadlines. Knows connections, not operations.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Outcome, PeernetError, refuse } from "../../contract/errors.ts";
import { bodyBytesMax, lingerMs, requestDeadlineMs } from "../../contract/limits.ts";
import type { Clock } from "../../platform/effects.ts";
import type { Complain } from "../context/detached.ts";
import type { Connection, Place } from "./connection.ts";

/** Dependencies of serving a request. */
export interface ServingOptions<C> {
  readonly clock: Clock;
  /** Judges the caller by path, connection and token, before the body is read. */
  readonly admit: (asked: Asking) => Promise<Outcome<C>>;
  /** Answers an admitted request. */
  readonly answer: (request: Request, caller: C) => Promise<Response>;
  /** Counts what is refused before it is answered, and gives it the one shape of a refusal. */
  readonly refusal: (error: PeernetError, connection: Connection) => Response;
  /** Is told of what failed, on a connection that ends by it. */
  readonly onFailure: Complain;
  /** Is told that a connection was taken, or that a reply goes out. */
  readonly onVisit: () => void;
}

/** A request as it is known before its body is read. */
export interface Asking {
  readonly method: string;
  readonly path: string;
  readonly connection: Connection;
  readonly token: string | null;
}

/** A socket that is served: whose it is, and how long it may take. */
export interface Served {
  readonly connection: Connection;
  readonly place: Pick<Place, "busy" | "deadlineMs">;
  /** For how many ms it may be silent now; asked after each request. */
  readonly idleMs: () => number;
}

/** The sockets that one server serves. */
export interface Serving<C> {
  readonly options: ServingOptions<C>;
  readonly sockets: WeakMap<object, Served>;
}

/** Serves one request. A second one before its reply has gone ends the connection. */
export async function serve<C>(
  serving: Serving<C>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { options, sockets } = serving;
  const served = sockets.get(incoming.socket);
  // Our clients never pipeline, and nothing would bound what waits behind the first request.
  if (served === undefined || served.place.busy) {
    incoming.socket.destroy();
    return;
  }
  const { connection, place } = served;
  place.busy = true;
  const now = () => options.clock.monotonicMs();
  connection.requests += 1;
  place.deadlineMs = now() + requestDeadlineMs;
  const response = await respond(serving, connection, incoming);
  const idle = served.idleMs();
  // What was refused may still be sending: it gets the reply, and little time to read it.
  const isLast = incoming.headers.connection?.toLowerCase() === "close";
  const ends = connection.closeSoon || isLast || !incoming.complete;
  place.deadlineMs = now() + (ends ? lingerMs : idle);
  options.onVisit();
  await write(outgoing, response, ends);
  place.busy = false;
}

async function respond<C>(
  { options }: Serving<C>,
  connection: Connection,
  incoming: IncomingMessage,
): Promise<Response> {
  try {
    const framing = incoming.headers["transfer-encoding"];
    const isFramed = framing === undefined || framing.toLowerCase() === "chunked";
    // A request line without a version is HTTP/0.9: nothing of ours, and nothing bounds its body.
    if (!isFramed || incoming.httpVersion !== "1.1") {
      return refused(options, connection, new PeernetError("bad_request"));
    }
    const path = incoming.url ?? "";
    const { method = "" } = incoming;
    const token = bearerOf(incoming);
    const admitted = await options.admit({ method, path, connection, token });
    if (!admitted.ok) return refused(options, connection, admitted.error);
    const body = await readBody(incoming);
    if (!body.ok) return refused(options, connection, body.error);
    const request = new Request(`http://peernet.invalid${path}`, {
      method,
      headers: {
        "content-type": incoming.headers["content-type"] ?? "",
        "content-encoding": incoming.headers["content-encoding"] ?? "identity",
      },
      body: body.value,
    });
    return await options.answer(request, admitted.value);
  } catch (error) {
    options.onFailure("a request", error);
    return refused(options, connection, new PeernetError("internal"));
  }
}

function refused<C>(
  options: ServingOptions<C>,
  connection: Connection,
  error: PeernetError,
): Response {
  connection.closeSoon = true;
  return options.refusal(error, connection);
}

/** The token of a request; the scheme's name has no case (RFC 9110, 11.1). */
function bearerOf(incoming: IncomingMessage): string | null {
  const match = /^bearer +([A-Za-z0-9._-]+)$/i.exec(incoming.headers.authorization ?? "");
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
  // A stranger learns nothing more of this machine, its clock neither.
  outgoing.sendDate = false;
  // Head and body in one record: each by itself costs both ends a wake.
  const { socket } = outgoing;
  socket?.cork();
  outgoing.writeHead(response.status, {
    "content-type": response.headers.get("content-type") ?? "application/json",
    "content-length": body.length,
    connection: ends ? "close" : "keep-alive",
  });
  outgoing.end(body);
  socket?.uncork();
}
