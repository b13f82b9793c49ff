/**
 * Opens a file in the person's browser. Only the file's path is in an argument, which every user of
 * the machine can read. Never waits for the browser or ends it: it is the person's own.
 */

import type { Timers } from "../effects.ts";

/** The program that opens a file in the default browser, by system. */
const openers: Readonly<Record<string, string>> = { darwin: "open", linux: "xdg-open" };

/**
 * An opener that has not failed within this time has passed the file on, or is the browser itself.
 */
const failsWithinMs = 1_000;

/** Opens a file; false when no opener exists, or when the opener failed. */
export async function openInBrowser(
  path: string,
  { environment, timers }: { readonly environment: Env; readonly timers: Timers },
): Promise<boolean> {
  const opener = openers[process.platform];
  if (opener === undefined) return false;
  try {
    const child = Bun.spawn([opener, path], {
      stdio: ["ignore", "ignore", "ignore"],
      detached: true,
      env: { ...environment },
    });
    child.unref();
    const waited = new Promise<null>((resolve) => timers.after(failsWithinMs, () => resolve(null)));
    const exit = await Promise.race([child.exited, waited]);
    return exit === null || exit === 0;
  } catch {
    // There is no such program.
    return false;
  }
}

type Env = Readonly<Record<string, string | undefined>>;
