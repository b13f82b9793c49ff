/** Asks and hellos as a peer by hand sends them. */

import { codeOf, type RawConnection, type Reply } from "./connection.ts";
import type { HandPeer } from "./pairing.ts";

/** The body of an ask, its id a new one unless given. */
export const askFor = (handle = "hydrate", askId: string = Bun.randomUUIDv7()) => ({
  ask_id: askId,
  thread_id: Bun.randomUUIDv7(),
  handle,
  question: "why",
});

/** The body of a hello. */
export const hello = {
  version: "1",
  protocols: [1],
  scopes: [],
  checkpoint: null,
  witness: null,
} as const;

/** Asks on a connection that is kept. */
export const askOn = (
  connection: RawConnection,
  { token }: Pick<HandPeer, "token">,
  body: unknown = askFor(),
): Promise<Reply | null> => connection.post("ask", body, { token });

/** Asks on a new connection; returns a code, 200, or `closed`. */
export async function askOnce(peer: HandPeer, body: unknown = askFor()): Promise<string> {
  const connection = await peer.connect().catch(() => null);
  if (connection === null) return "closed";
  const reply = await askOn(connection, peer, body);
  connection[Symbol.dispose]();
  return endOf(reply);
}

/** The end of an ask: a code, a status, or a closed connection. */
export const endOf = (reply: Reply | null): string =>
  reply === null ? "closed" : (codeOf(reply) ?? String(reply.status));
