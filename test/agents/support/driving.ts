/** The start of each test that drives real clients. */

import { isBuilt, notBuilt } from "../../support/executable.ts";
import { skipUnless } from "../../support/skip.ts";
import { type Client, clients, missing } from "./clients.ts";
import { leaveNetworks } from "./loopback.ts";

// All are installed before the networks are left, for there is no way back.
const absent = new Map(clients.map((client) => [client, isBuilt ? missing(client) : notBuilt]));
if (isBuilt && !leaveNetworks()) console.log("clients may reach a network: to leave it needs root");

/** The `test` of tests that drive these clients: skipped aloud where one cannot be had. */
export function withClients(...wanted: readonly Client[]): ReturnType<typeof skipUnless> {
  const why = wanted.map((client) => absent.get(client) ?? null).find((each) => each !== null);
  return skipUnless(why === undefined, why ?? "");
}

/** Prints how long a part of a test took. */
export function tell(what: string, startedMs: number): void {
  console.log(`${what}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
}
