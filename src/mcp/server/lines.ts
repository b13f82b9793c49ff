/**
 * MCP's stdio transport over plain streams: one JSON message a line, within a length limit. A
 * malformed message is answered with an error and ends nothing. Knows no method.
 */

import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { mcpLingerMs, mcpMessageBytesMax } from "../../contract/limits.ts";
import { byteLines } from "../../contract/operation/reading.ts";
import type { Timers } from "../../platform/effects.ts";

/** The streams of one server. */
export interface Lines {
  readonly input: ReadableStream<Uint8Array>;
  /** Writes to the client. */
  write(text: string): void;
  readonly timers: Timers;
}

/** A transport, and a promise for the end of its client's requests. */
export interface LineTransport extends Transport {
  /** Resolves once the input has ended and every request is answered, or its time is up. */
  readonly ended: Promise<void>;
}

/** Makes a transport of two streams. */
export function lineTransport({ input, write, timers }: Lines): LineTransport {
  const ended = Promise.withResolvers<void>();
  /** Requests without an answer yet. */
  const open = new Set<string | number>();
  let isOver = false;
  const settle = (): void => {
    if (!isOver || open.size > 0) return;
    ended.resolve();
  };
  const refuse = (code: ErrorCode, message: string): void =>
    write(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } })}\n`);
  const take = (message: JSONRPCMessage): void => {
    if ("method" in message && "id" in message) open.add(message.id);
    const isCancel = "method" in message && message.method === "notifications/cancelled";
    // A cancelled request gets no answer.
    if (isCancel) open.delete(requestIn(message));
    transport.onmessage?.(message);
  };
  const transport: LineTransport = {
    ended: ended.promise,
    start: async () => {
      const over = (): void => {
        isOver = true;
        timers.after(mcpLingerMs, ended.resolve);
        settle();
      };
      // Input that cannot be read has ended as well.
      readLines(input, { take, refuse }).then(over, over);
    },
    send: async (message) => {
      write(`${JSON.stringify(message)}\n`);
      if (!("method" in message) && message.id !== undefined) open.delete(message.id);
      settle();
    },
    close: async () => {
      ended.resolve();
      transport.onclose?.();
    },
  };
  return transport;
}

function requestIn(message: JSONRPCMessage): string | number {
  const params: unknown = "params" in message ? message.params : undefined;
  const { requestId }: { requestId?: unknown } = Object(params);
  return typeof requestId === "number" ? requestId : String(requestId);
}

interface Reader {
  take(message: JSONRPCMessage): void;
  refuse(code: ErrorCode, message: string): void;
}

/** Reads a stream to its end; drops a line over the limit as it arrives. */
async function readLines(input: ReadableStream<Uint8Array>, reader: Reader): Promise<void> {
  for await (const { bytes } of byteLines(untilBroken(input), mcpMessageBytesMax)) {
    if (bytes !== null) readLine(bytes, reader);
    else {
      reader.refuse(ErrorCode.InvalidRequest, `a message is at most ${mcpMessageBytesMax} bytes`);
    }
  }
}

/** The chunks of a stream; a stream that breaks has ended. */
async function* untilBroken(input: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* input;
  } catch {
    // The writer is gone, and nobody is left to answer.
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function readLine(line: Uint8Array, { take, refuse }: Reader): void {
  let value: unknown;
  try {
    const text = decoder.decode(line).trim();
    if (text === "") return;
    value = JSON.parse(text);
  } catch {
    refuse(ErrorCode.ParseError, "the message is not JSON in UTF-8");
    return;
  }
  // Clients of 2025-03-26 may send several messages as one list.
  const list: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value];
  for (const each of list) {
    const message = JSONRPCMessageSchema.safeParse(each);
    if (message.success) take(message.data);
    else refuse(ErrorCode.InvalidRequest, "the message is not one of JSON-RPC 2.0");
  }
}
