/** Replies that no machine should survive reading badly: endless, inflated, slow, and untrue. */

import type { TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import { replyOf } from "./server.ts";

/** Writes its reply to a socket, whatever that is; `counted` adds up the accepted bytes. */
export type HostileReply = (socket: TLSSocket, counted: (bytes: number) => void) => void;

/** Writes one text again and again, as fast as it is taken, for as long as there is a reader. */
const pour =
  (first: string, again: string): HostileReply =>
  (socket, counted) => {
    socket.write(first);
    const next = (): void => {
      if (socket.destroyed) return;
      socket.write(again, (error) => {
        counted(again.length);
        if (error === undefined || error === null) next();
      });
    };
    next();
  };

const once =
  (text: string | Uint8Array): HostileReply =>
  (socket) => {
    socket.write(text);
  };

/** Writes a byte now and then, and never the last. */
const drip: HostileReply = (socket) => {
  socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n");
  const timer = setInterval(() => socket.write(" "), 5);
  socket.once("close", () => clearInterval(timer));
};

const block = "A".repeat(16_384);
const chunked =
  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";

/** Replies with a body as gzip, which would be valid if it were unpacked. */
export const zipped = (value: unknown): HostileReply => {
  const body = gzipSync(JSON.stringify(value));
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n`;
  return once(Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]));
};

const zeros = gzipSync(Buffer.alloc(32 * 1_048_576));

/** Replies that end nothing, or in nothing that can be read. */
export const unreadable: Readonly<Record<string, HostileReply>> = {
  "an endless body": pour(chunked, `4000\r\n${block}\r\n`),
  "an endless body that was announced": pour(
    "HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n",
    block,
  ),
  "endless headers": pour("HTTP/1.1 200 OK\r\n", `x-a: ${block}\r\n`),
  "an endless header": pour("HTTP/1.1 200 OK\r\nx-a: ", block),
  "an endless first line": pour("HTTP/1.1 200 ", block),
  "32 MiB in 32 KiB of gzip": (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${zeros.length}`);
    socket.write("\r\n\r\n");
    socket.write(zeros);
  },
  "no HTTP": once("\u0000\u0001\u0002 SSH-2.0-OpenSSH_9.9\r\n\r\n"),
  "text that is no JSON": once(replyOf("<html>open:true</html>")),
  "a body shorter than announced": (socket) =>
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"),
  "the end of the connection": (socket) => socket.end(),
  "a reset": (socket) => socket.destroy(),
};

/** Replies that never come to an end, and are not heavy either. */
export const slow: Readonly<Record<string, HostileReply>> = {
  silence: () => {},
  "a byte now and then": drip,
  "half a header": once("HTTP/1.1 200 OK\r\ncontent-le"),
};

/** Replies that announce a reply, and announce it again. */
export const interim: HostileReply = (socket) => {
  const timer = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 2);
  socket.once("close", () => clearInterval(timer));
};

/** Replies that can be read, and are not what was asked for. */
export const untrue: Readonly<Record<string, HostileReply>> = {
  null: once(replyOf("null")),
  "a list": once(replyOf("[1]")),
  "an object without fields": once(replyOf({})),
  "fields of other types": once(
    replyOf({ open: "true", share: 7, document: {}, tag: [], token: null, about: "" }),
  ),
  "fields of another size": once(replyOf({ open: 1, share: "A", document: "A", tag: "A" })),
};

/** Replies that are none: what tells nothing that matters is then sent again. */
export const cuts: readonly string[] = ["the end of the connection", "a reset"];
