/** Debian's Chromium, driven over its pipe; no request of it may leave loopback. */

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where it is; null where it is not installed. */
export const chromiumPath =
  ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path)) ?? null;
/** What a test says when it is not. */
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
