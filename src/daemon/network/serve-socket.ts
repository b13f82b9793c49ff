/**
 * Serves the requests that come over a socket, whichever end dialled it: a socket that was
 * accepted, or one of our own that a peer calls back on. Knows connections, not operations.
 */

import { createServer } from "node:http";
import type { TLSSocket } from "node:tls";
import { headerBytesMax } from "../../contract/limits.ts";
import { type Served, type ServingOptions, serve } from "./request.ts";

/** Serves a socket whose handshake is done, until it closes. */
export type ServeSocket = (socket: TLSSocket, served: Served) => void;

/** Makes the function that serves sockets. */
export function socketServer<C>(options: ServingOptions<C>): ServeSocket {
  const sockets = new WeakMap<object, Served>();
  const http = createServer({ maxHeaderSize: headerBytesMax, insecureHTTPParser: false });
  http.on("request", (incoming, outgoing) => {
    serve({ options, sockets }, incoming, outgoing).catch((error: unknown) => {
      options.onFailure("a request", error);
      incoming.socket.destroy();
    });
  });
  // A protocol the parser does not know is not answered: its framing cannot be trusted.
  http.on("checkExpectation", (incoming) => incoming.socket.destroy());
  http.on("upgrade", (_request, socket) => socket.destroy());
  http.on("clientError", (_error, socket) => socket.destroy());
  return (socket, served) => {
    sockets.set(socket, served);
    http.emit("connection", socket);
  };
}
