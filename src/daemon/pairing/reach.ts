/**
 * A joiner's connection to a machine that is no peer yet. Repeats only requests that reveal nothing
 * of a code; trusts a reply once its row's schema does.
 */

import { PeernetError } from "../../contract/errors.ts";
import { handshakesMax } from "../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { type Wire, wire } from "../../contract/wire.ts";
import { addressOf } from "../../discovery/sources.ts";
import { refusalOf } from "../../peer/client.ts";
import { type Dialled, type DialOptions, dial } from "../../peer/dial.ts";
import type { Context } from "../context/context.ts";

/** The machine to reach, and the first request. */
export interface Reach<F> {
  readonly to: string;
  readonly deadlineMs: number;
  readonly presents: boolean;
  /** Sends the first request, which reveals nothing of a code, so that it may be repeated. */
  readonly first: (dialled: Dialled) => Promise<F>;
}

/**
 * Dials a machine and uses the connection, within a deadline.
 * @throws {peer_unreachable} {peer_timeout}
 */
export async function withConnection<F, T>(
  context: Context,
  { to, deadlineMs, presents, first }: Reach<F>,
  use: (dialled: Dialled, begun: F) => Promise<T>,
): Promise<T> {
  const { timers, sha256 } = context.effects;
  const deadline = new AbortController();
  const cancel = timers.after(deadlineMs, () => deadline.abort());
  const identity = presents ? context.identity : null;
  try {
    const reached = { ...addressOf(to), identity, sha256, signal: deadline.signal };
    const { dialled, begun } = await begin(reached, first);
    try {
      return await use(dialled, begun);
    } finally {
      dialled.close();
    }
  } finally {
    cancel();
  }
}

/**
 * Dials and sends the first request. Repeats it on another connection when the machine closes one
 * before its reply: a full machine does so once the handshake is done at this end alone.
 */
async function begin<F>(
  options: DialOptions,
  first: (dialled: Dialled) => Promise<F>,
): Promise<{ readonly dialled: Dialled; readonly begun: F }> {
  for (let time = 1; ; time += 1) {
    const dialled = await dial(options);
    try {
      return { dialled, begun: await first(dialled) };
    } catch (error) {
      dialled.close();
      if (!dialled.wasCut() || time >= handshakesMax) throw error;
    }
  }
}

/** Posts to a machine that may lie, and trusts only a reply that fits the row's schema. */
export async function post<K extends keyof Wire>(
  { dialled, token }: { readonly dialled: Dialled; readonly token?: string },
  path: K,
  input: InputOf<Wire[K]>,
): Promise<OutputOf<Wire[K]>> {
  const reply = await dialled.post(path, input, token);
  if (reply.status !== 200) throw refusalOf(path, reply.body, reply.status);
  const parsed = wire[path].output.safeParse(reply.body);
  if (!parsed.success) {
    throw new PeernetError("version_unsupported", { message: "no peernet answers there" });
  }
  // The row's own schema parsed it; the compiler cannot follow K through the table.
  return parsed.data as OutputOf<Wire[K]>;
}
