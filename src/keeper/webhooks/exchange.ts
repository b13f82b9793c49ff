/**
 * One connection to a program of this user: requests of HTTP/1.1, one after another. A reply is
 * read to the end of its head, and of a short body with a length; nothing else is.
 */

import { webhookReplyBytesMax } from "../../contract/webhooks/limits.ts";
import type { Target } from "./target.ts";

/** A reply without its body. */
export interface Reply {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A connection. */
export interface Exchange {
  /** Sends one request. @throws when the connection ends, or the reply is none */
  request(headers: Readonly<Record<string, string>>, body: string): Promise<Reply>;
  end(): void;
}

/** A socket, and the bytes that came over it. */
interface Line {
  readonly socket: { write(bytes: Uint8Array): number; terminate(): void };
  received: Buffer;
  isOver: boolean;
  /** Resolves at the next change. */
  moved: PromiseWithResolvers<void>;
}

async function openLine(target: Target): Promise<Line> {
  const line: Omit<Line, "socket"> = {
    received: Buffer.alloc(0),
    isOver: false,
    moved: Promise.withResolvers<void>(),
  };
  const move = (): void => {
    line.moved.resolve();
    line.moved = Promise.withResolvers<void>();
  };
  const over = (): void => {
    line.isOver = true;
    move();
  };
  const data = (_socket: unknown, bytes: Buffer): void => {
    line.received = Buffer.concat([line.received, bytes]);
    if (line.received.length > 2 * webhookReplyBytesMax) line.isOver = true;
    move();
  };
  const handlers = { data, drain: move, close: over, error: over };
  const socket =
    "unix" in target
      ? await Bun.connect({ unix: target.unix, socket: handlers })
      : await Bun.connect({ hostname: target.hostname, port: target.port, socket: handlers });
  return Object.assign(line, { socket });
}

/** Connects to a target; ends with the signal. @throws when nothing answers */
export async function connectTo(target: Target, signal: AbortSignal): Promise<Exchange> {
  const line = await openLine(target);
  const end = (): void => {
    line.isOver = true;
    line.moved.resolve();
    line.socket.terminate();
  };
  signal.addEventListener("abort", end, { once: true });
  return {
    end,
    request: async (headers, body) => {
      await write(line, requestOf(target, headers, body));
      for (;;) {
        const read = replyIn(line.received);
        if (read !== null) {
          line.received = line.received.subarray(read.bytes);
          return read.reply;
        }
        if (line.isOver || signal.aborted) throw new Error("the connection ended");
        await line.moved.promise;
      }
    },
  };
}

function requestOf(
  target: Target,
  headers: Readonly<Record<string, string>>,
  body: string,
): Buffer {
  const bytes = Buffer.from(body);
  const host = "unix" in target ? "localhost" : `${target.hostname}:${target.port}`;
  const lines = Object.entries({ host, ...headers, "content-length": `${bytes.length}` }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `POST ${target.path} HTTP/1.1\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

async function write(line: Line, bytes: Buffer): Promise<void> {
  let rest = bytes;
  while (rest.length > 0 && !line.isOver) {
    rest = rest.subarray(line.socket.write(rest));
    if (rest.length > 0) await line.moved.promise;
  }
}

/** A whole reply at the beginning of some bytes; null while there is none. @throws for no reply */
function replyIn(bytes: Buffer): { readonly reply: Reply; readonly bytes: number } | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [, digits] = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first) ?? [];
  if (digits === undefined) throw new Error("that is no reply");
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number(digits);
  const length = status === 204 ? 0 : Number(headers.get("content-length") ?? Number.NaN);
  const reply = { status, headers };
  // A body without a length ends with its connection: no further request may follow.
  if (!Number.isSafeInteger(length)) return { reply, bytes: bytes.length };
  if (length > webhookReplyBytesMax) throw new Error("the reply is too long");
  const whole = end + 4 + length;
  return bytes.length < whole ? null : { reply, bytes: whole };
}
