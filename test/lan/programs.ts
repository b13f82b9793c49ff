/** Runs announcers and browsers on the hosts of a lab, as programs of their own. */

import { join } from "node:path";
import type { Announced } from "../../src/discovery/announcements.ts";
import type { Browsed } from "../../src/discovery/browse.ts";
import type { HostName, Lab } from "../network/lab.ts";
import { until } from "../support/until.ts";
import type { AnnouncerOptions } from "./announcer.ts";
import type { BrowserOptions } from "./browser.ts";

/** A machine that announces itself; it says goodbye after the block, or earlier on request. */
export interface Announcer extends AsyncDisposable {
  readonly pid: number;
  /** Lets it say goodbye and waits until it has ended; returns its log. */
  stop(): Promise<string>;
}

/** A browser's results, and the growth of its memory. */
export type Heard = Browsed & { readonly grownBytes: number };

const program = (name: string, options: object): readonly string[] => [
  process.execPath,
  join(import.meta.dir, name),
  JSON.stringify(options),
];

/** Starts announcing on a host. */
export function announcer(lab: Lab, host: HostName, options: AnnouncerOptions): Announcer {
  const child = Bun.spawn([...lab.on(host), ...program("announcer.ts", options)]);
  const output = new Response(child.stdout).text();
  const stop = async (): Promise<string> => {
    child.kill("SIGTERM");
    await child.exited;
    return output;
  };
  return {
    pid: child.pid,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** Browses once on a host. */
export async function browsing(
  lab: Lab,
  host: HostName,
  options: Partial<BrowserOptions> = {},
): Promise<Heard> {
  const command = program("browser.ts", { ms: 1_000, ...options });
  const child = Bun.spawn([...lab.on(host), ...command]);
  // The program is ours: its output has this type.
  return JSON.parse(await new Response(child.stdout).text()) as Heard;
}

/** Browses on a host until a machine is announced by a name and, if one is given, at an address. */
export async function heard(
  lab: Lab,
  host: HostName,
  who: { readonly name: string; readonly at?: string },
): Promise<Announced> {
  let found: Announced | undefined;
  await until(`${who.name} is heard at ${who.at ?? "any address"}`, async () => {
    const { announced } = await browsing(lab, host, { ms: 300 });
    found = announced.find(({ name }) => name === who.name);
    const hosts = found?.addresses.map((address) => address.host) ?? [];
    return who.at === undefined ? found !== undefined : hosts.includes(who.at);
  });
  if (found === undefined) throw new Error(`${who.name} is not there`);
  return found;
}

/** A fingerprint that begins with some characters. */
export const fingerprintOf = (start: string): string =>
  `sha256:${start.padEnd(16, "0")}${"x".repeat(27)}`;
