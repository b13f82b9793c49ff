/**
 * A program for a host of a lab: announces itself and browses repeatedly, as a daemon does. Prints
 * the results and its memory as one line of JSON for each round.
 */

import { announce } from "../../src/discovery/announce.ts";
import { browse } from "../../src/discovery/browse.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { interfacesNow, isLan } from "../../src/platform/network/interfaces.ts";
import { fakeLog } from "../support/effects.ts";

if (import.meta.main) {
  const interfaces = () => interfacesNow().filter(isLan);
  const [name = "", fingerprint = ""] = process.argv.slice(2);
  announce({ name, port: 7337, fingerprint, interfaces, timers, log: fakeLog() });
  for (;;) {
    const heard = await browse({ interfaces: interfaces(), timers, ms: 500 });
    const resident = process.memoryUsage().rss;
    console.log(JSON.stringify({ ...heard, resident }));
  }
}
