/** A path to a daemon that is as long as a test says: every byte waits, in either direction. */

import { connect, createServer, type Socket } from "node:net";

/** A forwarder that delays. */
export interface Delayed extends AsyncDisposable {
  /** The address to dial instead. */
  readonly address: string;
}

/** Forwards to `to` from a local address, each way `oneWayMs` late. */
export async function delayed(
  to: string,
  { oneWayMs, from }: { readonly oneWayMs: number; readonly from: string },
): Promise<Delayed> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  const port = Number(to.slice(to.lastIndexOf(":") + 1));
  const server = createServer((near) => {
    keep(near);
    const far = keep(connect({ port, host: "127.0.0.1", localAddress: from }));
    const later = (run: () => void) => setTimeout(run, oneWayMs);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("data", (bytes: Buffer) => later(() => !other.destroyed && other.write(bytes)));
      one.once("close", () => later(() => other.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("not bound");
  return {
    address: `127.0.0.1:${bound.port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
