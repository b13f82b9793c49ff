/** A real dashboard in a real browser: the built executable, a daemon, Chromium. */

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { executable, type Home } from "../support/executable.ts";
import { until } from "../support/until.ts";

/** A `peernet dashboard --no-open` that runs. */
export interface Served extends AsyncDisposable {
  /** Good once. */
  readonly link: string;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number>;
}

/** Runs `peernet dashboard --no-open` and reads its link. */
export async function served(at: Home): Promise<Served> {
  const child = Bun.spawn([executable, "dashboard", "--no-open"], {
    cwd: at.folder,
    env: { ...at.environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  let printed = "";
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) printed += decoder.decode(chunk, { stream: true });
  })();
  await until("the link is printed", () => printed.includes("\n") || child.exitCode !== null);
  return {
    link: printed.trim(),
    exited: child.exited,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      await child.exited;
    },
  };
}

/** A tab, and its forbidden acts. */
export interface Tab {
  readonly page: Page;
  /** Errors, refusals by the policy, requests that left loopback; empty when all is well. */
  readonly faults: string[];
}

/** Opens a link in a tab of its own. */
export async function opened(
  browser: Browser,
  link: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/policy|trusted/i.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).hostname !== "127.0.0.1") faults.push(`left: ${request.url()}`);
  });
  await page.goto(link);
  return { page, faults };
}

/** Opens a link, and waits until the page is live. */
export async function live(
  browser: Browser,
  link: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const tab = await opened(browser, link, options);
  await tab.page.locator(".connection.live").waitFor();
  return tab;
}

/** Resolves once an expression is true in the page, whose policy lets nothing be compiled. */
export const eventually = (page: Page, expression: string): Promise<void> =>
  until(expression, () => page.evaluate<boolean>(expression));
