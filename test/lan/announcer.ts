/**
 * A program for a host of a lab: announces its argument's machine, prints each warning as one line
 * of JSON, and says goodbye when it is asked to end.
 */

import { type AnnounceOptions, announce } from "../../src/discovery/announce.ts";
import { timers } from "../../src/platform/clock/timers.ts";
import type { Log } from "../../src/platform/effects.ts";
import { interfacesNow, isLan } from "../../src/platform/network/interfaces.ts";

/** Its options: its `interfaces` are names, and those of the LAN unless given. */
export type AnnouncerOptions = Pick<AnnounceOptions, "name" | "port" | "fingerprint"> & {
  readonly interfaces?: readonly string[];
};

const say =
  (level: string) =>
  (event: string, fields: object = {}) =>
    console.log(JSON.stringify({ level, event, ...fields }));
const log: Log = { info: say("info"), warn: say("warn"), error: say("error") };

if (import.meta.main) {
  const { interfaces, ...told } = JSON.parse(process.argv[2] ?? "") as AnnouncerOptions;
  const announcement = announce({
    ...told,
    interfaces: () => interfacesNow().filter((one) => interfaces?.includes(one.name) ?? isLan(one)),
    timers,
    log,
  });
  process.on("SIGTERM", async () => {
    await announcement.stop();
    process.exit(0);
  });
}
