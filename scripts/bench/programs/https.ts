/** The least that `curl https` can be answered by: Bun's own server with TLS. */

import { newIdentity } from "../../../test/daemon/attack/connection.ts";

const { certificate: cert, key } = newIdentity();
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  tls: { cert, key },
  fetch: async (request) => Response.json(await request.json()),
});
process.stdout.write(`127.0.0.1:${server.port}\n`);
