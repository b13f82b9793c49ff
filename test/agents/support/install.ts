/** Installs the clients, so that no test's deadline has to wait for that. */

import { checkers, clients, missing } from "./clients.ts";

for (const client of [...clients, ...checkers]) {
  const why = missing(client);
  console.log(why === null ? `${client} is installed` : `${client} is not: ${why}`);
}
