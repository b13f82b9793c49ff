/**
 * Calls over one socket, whichever end dialled it: one request at a time, each with its reply.
 * Trusts only the end of a reply; never makes another connection.
 */

import { Agent, type IncomingMessage, request } from "node:http";
import type { TLSSocket } from "node:tls";
import { bodyBytesMax } from "../contract/limits.ts";

/** A reply as received: its bytes are not read yet. */
export interface Called {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** Calls over one socket. */
export interface CallsOver {
  /**
   * Posts JSON to `/v1/<path>` and waits for the reply. A failed call ends the socket.
   * @throws the signal's reason, or an error with the reason of the missing reply
   */
  call(path: string, body: string, options: CallOptions): Promise<Called>;
  /** True once the other end closed the socket instead of replying. */
  wasCut(): boolean;
  close(): void;
}

/** The token of a call, and the signal that ends it. */
export interface CallOptions {
  readonly token: string | null;
  readonly signal: AbortSignal;
}

/** Makes calls over a socket whose handshake is done and whose key was judged. */
export function callOver(socket: TLSSocket): CallsOver {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  // The agent has this socket and no way to make another.
  agent.createConnection = () => socket;
  const calling: Calling = { agent, wasCut: false };
  return {
    call: (path, body, options) => call(calling, { path, body }, options),
    wasCut: () => calling.wasCut,
    close: () => {
      agent.destroy();
      socket.destroy();
    },
  };
}

interface Calling {
  readonly agent: Agent;
  wasCut: boolean;
}

const otherProtocol = "it does not speak HTTP as peernet does";

function call(
  calling: Calling,
  sent: { readonly path: string; readonly body: string },
  { token, signal }: CallOptions,
): Promise<Called> {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent: calling.agent,
        path: `/v1/${sent.path}`,
        method: "POST",
        headers: {
          host: "peernet",
          "content-type": "application/json",
          "content-length": Buffer.byteLength(sent.body),
          ...authorization,
        },
      },
      (incoming) => {
        readReply(incoming).then(resolve, () => reject(new Error("its reply could not be read")));
      },
    );
    let isOver = false;
    const fail = (error: Error): void => {
      isOver = true;
      outgoing.destroy();
      reject(error);
    };
    outgoing.on("error", (error: Error) => {
      if (!isOver) calling.wasCut = "code" in error && error.code === "ECONNRESET";
      fail(error);
    });
    // Neither is a reply, and after an upgrade no code owns the socket.
    outgoing.on("upgrade", (_reply, socket) => {
      socket.destroy();
      fail(new Error(otherProtocol));
    });
    outgoing.on("information", () => fail(new Error(otherProtocol)));
    signal.addEventListener("abort", () => fail(new Error("aborted")), { once: true });
    outgoing.end(sent.body);
  });
}

async function readReply(incoming: IncomingMessage): Promise<Called> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > bodyBytesMax) {
      incoming.destroy();
      throw new RangeError("the reply is over the cap");
    }
    chunks.push(chunk);
  }
  return { status: incoming.statusCode ?? 0, bytes: Buffer.concat(chunks) };
}
