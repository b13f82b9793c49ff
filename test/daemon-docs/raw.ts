/** Requests as bytes, from a client that keeps no rule. */

import { connect } from "node:net";

/** A reply, read until the connection closed. */
export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request line and header lines, and a body; the server is asked to close. */
export async function send(url: string, lines: readonly string[], body = ""): Promise<RawReply> {
  const { port } = new URL(url);
  const text = [...lines, "Connection: close", "", body].join("\r\n");
  const reply = await new Promise<string>((resolve, reject) => {
    let read = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => {
      read += chunk;
    });
    socket.on("close", () => resolve(read));
    socket.on("error", reject);
  });
  const [head = "", ...rest] = reply.split("\r\n\r\n");
  const [status = "", ...headers] = head.split("\r\n");
  return {
    status: Number(status.split(" ")[1]),
    headers: Object.fromEntries(
      headers.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    ),
    body: rest.join("\r\n\r\n"),
  };
}
