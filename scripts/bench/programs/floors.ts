/** The other end of the floors: sends every byte back, on a unix socket and over TLS. */

import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { newIdentity } from "../../../test/daemon/attack/connection.ts";

const [, , path = ""] = process.argv;
Bun.listen({ unix: path, socket: { data: (socket, chunk) => void socket.write(chunk) } });
const { certificate, key } = newIdentity();
const tls = createServer({ cert: certificate, key, minVersion: "TLSv1.3" }, (socket) => {
  socket.setNoDelay(true);
  socket.on("data", (chunk) => socket.write(chunk));
});
tls.listen({ host: "127.0.0.1", port: 0 }, () => {
  // A TCP server's address is never a string.
  const { port } = tls.address() as AddressInfo;
  console.log(String(port));
});
