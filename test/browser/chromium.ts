/** Debian's Chromium, driven over its pipe; no request of it may leave loopback. */

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Its path; null when it is not installed. */
export const chromiumPath =
  ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path)) ?? null;
/** The reason of a test that is skipped without it. */
export const noChromium = "chromium is not installed";

/** Starts it without a window. */
export function launched(words: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? "",
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--font-render-hinting=none",
      ...words,
    ],
  });
}
