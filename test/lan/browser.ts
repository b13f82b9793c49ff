/**
 * A program for a host of a lab: browses once, and prints the results and the growth of its memory
 * meanwhile as one line of JSON.
 */

import { browse } from "../../src/discovery/browse.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import { interfacesNow, isLan } from "../../src/platform/network/interfaces.ts";

/** Its options: its `interfaces` are names, and those of the LAN unless given. */
export interface BrowserOptions {
  readonly ms: number;
  readonly interfaces?: readonly string[];
}

if (import.meta.main) {
  const { ms, interfaces } = JSON.parse(process.argv[2] ?? "") as BrowserOptions;
  const chosen = interfacesNow().filter((one) => interfaces?.includes(one.name) ?? isLan(one));
  // The first browse loads modules once.
  await browse({ interfaces: chosen, timers, ms: 0 });
  const before = process.memoryUsage().rss;
  const heard = await browse({ interfaces: chosen, timers, ms });
  const grownBytes = process.memoryUsage().rss - before;
  console.log(JSON.stringify({ ...heard, grownBytes }));
}
