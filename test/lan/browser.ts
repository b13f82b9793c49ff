/** A program for a host of a lab: browses once and prints what it heard as one line of JSON. */

import { browse } from "../../src/discovery/browse.ts";
import { interfacesNow, isLan } from "../../src/platform/interfaces.ts";
import { timers } from "../../src/platform/timers.ts";

/** What it is told: its `interfaces` are names, and those of the LAN unless given. */
export interface BrowserOptions {
  readonly ms: number;
  readonly interfaces?: readonly string[];
}

if (import.meta.main) {
  const { ms, interfaces } = JSON.parse(process.argv[2] ?? "") as BrowserOptions;
  const heard = await browse({
    interfaces: interfacesNow().filter((one) => interfaces?.includes(one.name) ?? isLan(one)),
    timers,
    ms,
  });
  console.log(JSON.stringify(heard));
}
