/**
 * The file that leads a browser to the link: its path is given to the browser instead, which
 * anyone may see. Removes what a server left that was killed; never one that is still served.
 */

import type { StateFiles } from "../platform/effects.ts";
import { loopback } from "../platform/loopback.ts";

/** The name, in the state folder, of the file of the server on a port. */
export const linkFileOf = (port: number): string => `dashboard-${port}.html`;

/** A page that goes on to the link. */
export const leadingTo = (link: string): string =>
  `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
  `<meta http-equiv="refresh" content="0; url=${link}"><title>peernet</title>\n`;

/** Removes the files whose port nobody serves any more. */
export async function removeStale(files: StateFiles): Promise<void> {
  const checks = files.names().map(async (name) => {
    const port = /^dashboard-(\d{1,5})\.html(\.next)?$/.exec(name)?.[1];
    if (port !== undefined && !(await isServed(Number(port)))) files.remove(name);
  });
  // What cannot be removed is no file of ours, and in nobody's way.
  await Promise.allSettled(checks);
}

async function isServed(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: loopback, port, socket: { data: () => {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
