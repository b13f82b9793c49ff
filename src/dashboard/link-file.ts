/**
 * The file that leads a browser to the link. The browser receives the file's path, which is no
 * secret. Removes files of killed servers; never a file that is still served.
 */

import type { StateFiles } from "../platform/effects.ts";

/** The name, in the state folder, of the file of the server on a port. */
export const linkFileOf = (port: number): string => `dashboard-${port}.html`;

/** A page that redirects to the link. */
export const leadingTo = (link: string): string =>
  `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
  `<meta http-equiv="refresh" content="0; url=${link}"><title>peernet</title>\n`;

/** Removes the files whose link no server answers any more. */
export async function removeStale(files: StateFiles): Promise<void> {
  const checks = files.names().map(async (name) => {
    if (!/^dashboard-\d{1,5}\.html(\.next)?$/.test(name)) return;
    const link = /url=http:\/\/(127[\d.]+):(\d{1,5})\/#/.exec(files.read(name) ?? "");
    // A file without a link may be one that is being written.
    if (link === null || (await isServed(link[1] ?? "", Number(link[2])))) return;
    files.remove(name);
  });
  // An unreadable file is not ours, and disturbs nobody.
  await Promise.allSettled(checks);
}

async function isServed(hostname: string, port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname, port, socket: { data: () => {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
