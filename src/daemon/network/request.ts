/**
 * One request and its reply: admission before the body, the body's limit, then the answer. Knows
 * neither sockets nor operations.
 */

import { type Outcome, PeernetError } from "../../contract/errors.ts";
import { bodyBytesMax } from "../../contract/limits.ts";
import type { Clock } from "../../platform/effects.ts";
import type { Complain } from "../context/detached.ts";
import type { Connection } from "./connection.ts";
import type { RequestHead } from "./framing.ts";

/** Dependencies of serving a request. */
export interface ServingOptions<C> {
  readonly clock: Clock;
  /** Judges the caller by path, connection and token, before the body is read. */
  readonly admit: (asked: Asking) => Promise<Outcome<C>>;
  /** Answers an admitted request. */
  readonly answer: (request: Request, caller: C) => Promise<Response>;
  /** Counts a request refused before its answer, and makes the one form of refusal. */
  readonly refusal: (error: PeernetError, connection: Connection) => Response;
  /** Called with a failure that ends a connection. */
  readonly onFailure: Complain;
  /** Called for a new connection, or an outgoing reply. */
  readonly onVisit: () => void;
}

/** A request before its body is read. */
export interface Asking {
  readonly method: string;
  readonly path: string;
  readonly connection: Connection;
  readonly token: string | null;
}

/** A request whose head has been read. */
export interface Begun {
  readonly head: Outcome<RequestHead>;
  readonly connection: Connection;
  /** Reads the body, whose length the head names. */
  readonly body: (length: number) => Promise<Buffer>;
}

/** Answers a request. A refusal before the body was read ends its connection. */
export async function respond<C>(options: ServingOptions<C>, begun: Begun): Promise<Response> {
  const { head, connection } = begun;
  try {
    if (!head.ok) return refused(options, connection, head.error);
    const { method, path, token, length } = head.value;
    const admitted = await options.admit({ method, path, connection, token });
    if (!admitted.ok) return refused(options, connection, admitted.error);
    if (length > bodyBytesMax) {
      return refused(options, connection, new PeernetError("body_too_large"));
    }
    const request = requestOf(head.value, await begun.body(length));
    return await options.answer(request, admitted.value);
  } catch (error) {
    options.onFailure("a request", error);
    return refused(options, connection, new PeernetError("internal"));
  }
}

const requestOf = ({ method, path, type, encoding }: RequestHead, body: Buffer): Request =>
  new Request(`http://peernet.invalid${path}`, {
    method,
    headers: { "content-type": type, "content-encoding": encoding },
    body: new Uint8Array(body),
  });

function refused<C>(
  options: ServingOptions<C>,
  connection: Connection,
  error: PeernetError,
): Response {
  connection.closeSoon = true;
  return options.refusal(error, connection);
}
