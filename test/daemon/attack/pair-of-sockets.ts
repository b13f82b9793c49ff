/** Two ends of one TLS connection in one process, each of whom proves a key. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { newIdentity } from "./connection.ts";

/** Two ends of one connection; either may serve, and either may call. */
export interface Ends extends AsyncDisposable {
  readonly dialled: TLSSocket;
  readonly accepted: TLSSocket;
}

/** Connects two ends on the loopback interface. */
export async function connected(): Promise<Ends> {
  const [one, other] = [newIdentity(), newIdentity()];
  const server = createServer({
    cert: one.certificate,
    key: one.key,
    requestCert: true,
    rejectUnauthorized: false,
    allowHalfOpen: true,
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const accepting = new Promise<TLSSocket>((resolve) => server.once("secureConnection", resolve));
  const dialled = connect({
    host: "127.0.0.1",
    port,
    rejectUnauthorized: false,
    servername: "",
    cert: other.certificate,
    key: other.key,
  });
  const accepted = await accepting;
  for (const socket of [dialled, accepted]) socket.on("error", () => socket.destroy());
  return {
    dialled,
    accepted,
    [Symbol.asyncDispose]: async () => {
      dialled.destroy();
      accepted.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
