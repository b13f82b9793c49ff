/**
 * One client for every HTTPS figure, ours and the comparators': a kept TLS connection, one request
 * at a time, so that a ratio compares servers and not clients.
 */

import { connectTo, type RawConnection } from "../../test/daemon/attack/connection.ts";
import type { Asker } from "./seeds.ts";

/** Asks and waits for the answer; rejects unless it is 200. */
export type Ask = () => Promise<string>;

const ask = (): string =>
  JSON.stringify({
    ask_id: Bun.randomUUIDv7(),
    thread_id: Bun.randomUUIDv7(),
    handle: "bench",
    question: null,
  });

/** A kept connection on which asks are made. */
export async function asking(address: string, asker: Asker): Promise<Ask> {
  const connection: RawConnection = await connectTo(address, { identity: asker.identity });
  return async () => {
    const reply = await connection.post("ask", ask(), { token: asker.token });
    if (reply?.status !== 200) throw new Error(`ask: ${reply?.body ?? "the connection ended"}`);
    return reply.body;
  };
}

/** As many kept connections as there are askers, used in turn: each keeps under its own rate. */
export async function askingInTurn(address: string, askers: readonly Asker[]): Promise<Ask> {
  const asks = await Promise.all(askers.map((asker) => asking(address, asker)));
  let next = 0;
  return () => {
    const one = asks[next % asks.length];
    next += 1;
    if (one === undefined) throw new Error("nobody may ask");
    return one();
  };
}
