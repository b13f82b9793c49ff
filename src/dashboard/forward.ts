/**
 * Forwards a request to the daemon and the reply back, unchanged. A cut stream ends with a line
 * that reports the cut; the change feed waits for a missing daemon. Starts no daemon.
 */

import { type Attends, post, type Reply } from "../client.ts";
import { PeernetError } from "../contract/errors.ts";
import { daemonLookMs, streamLineBytesMax } from "../contract/limits.ts";
import { byteLines } from "../contract/operation/reading.ts";
import { concatenate } from "../contract/text/encoding.ts";
import type { Timers } from "../platform/effects.ts";
import { refusal } from "./reply.ts";

/** Dependencies of forwarding. */
export interface Forwarding {
  readonly socketPath: string;
  readonly timers: Timers;
  /** Judges whether a person attends an act of the page. */
  readonly attends?: Attends;
}

/** A request to forward. */
export interface Handed {
  /** The row's key in the control table. */
  readonly path: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Aborted when the requester has gone. */
  readonly signal: AbortSignal;
}

/** Forwards a call. */
export async function forwardCall(to: Forwarding, handed: Handed): Promise<Response> {
  try {
    const reply = await send(to, handed);
    return new Response(await reply.bytes(), { status: reply.status, headers: typeOf(reply) });
  } catch (error) {
    return refusal(named(error));
  }
}

/** Forwards a stream; calls `onEnd` once, when either side ends it. */
export async function forwardStream(
  to: Forwarding,
  handed: Handed,
  onEnd: () => void,
): Promise<Response> {
  // Begun at once, so that the page knows that its request was accepted.
  if (handed.path === "watch") return streamed(watched(to, handed), handed.signal, onEnd);
  try {
    const reply = await send(to, handed);
    if (reply.ok) return streamed(untilCut(reply), handed.signal, onEnd);
    onEnd();
    return new Response(await reply.bytes(), { status: reply.status, headers: typeOf(reply) });
  } catch (error) {
    onEnd();
    return refusal(named(error));
  }
}

const send = (to: Forwarding, { path, body, signal }: Handed): Promise<Reply> =>
  post({ ...to, path, options: { signal } }, body);

const typeOf = (reply: Reply) => ({ "content-type": reply.contentType });

const named = (error: unknown): PeernetError =>
  error instanceof PeernetError ? error : new PeernetError("daemon_not_running", ended);

const ended = { message: "the daemon ended", hint: "peernet start" } as const;

const line = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${JSON.stringify(value)}\n`);

const endedLine = (why?: unknown): Uint8Array<ArrayBuffer> => {
  const isSilent = why instanceof PeernetError && why.code === "daemon_silent";
  return line({ error: (isSilent ? why : new PeernetError("daemon_not_running", ended)).body });
};

type Chunks = AsyncGenerator<Uint8Array<ArrayBuffer>>;

/** The change feed; waits until a daemon runs, and ends with that daemon. */
async function* watched(to: Forwarding, handed: Handed): Chunks {
  yield new TextEncoder().encode("\n");
  while (!handed.signal.aborted) {
    const reply = await send(to, handed).catch(() => null);
    if (reply?.ok === false) {
      yield line(await reply.json());
      return;
    }
    if (reply !== null) {
      for await (const chunk of untilCut(reply, "end")) yield chunk;
      return;
    }
    await new Promise<void>((resolve) => to.timers.after(daemonLookMs, resolve));
  }
}

/** The lines of a reply, and a last line that reports a cut or ended daemon. */
async function* untilCut(reply: Reply, cutBy: "cut" | "end" = "cut"): Chunks {
  try {
    for await (const chunk of wholeLines(reply)) yield chunk;
    if (cutBy === "end") yield endedLine();
  } catch (error) {
    yield endedLine(error);
  }
}

/** The complete lines of a reply. @throws when the reply is cut, and for a line over the limit */
async function* wholeLines(reply: Reply): Chunks {
  for await (const { bytes, isWhole } of byteLines(reply.chunks(), streamLineBytesMax)) {
    if (bytes === null) throw new PeernetError("internal");
    if (isWhole) yield concatenate([bytes, newline]);
  }
}

const newline = new TextEncoder().encode("\n");

function streamed(chunks: Chunks, signal: AbortSignal, onEnd: () => void): Response {
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await chunks.next().catch(() => ({ done: true, value: undefined }) as const);
      if (next.done !== true && !signal.aborted) controller.enqueue(next.value);
      else {
        onEnd();
        controller.close();
      }
    },
    cancel: onEnd,
  });
  signal.addEventListener("abort", onEnd, { once: true });
  return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
}
