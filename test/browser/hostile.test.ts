/** The dashboard against strings that mean it no good, used links and daemons that stop. */

import { afterAll, beforeAll, expect } from "bun:test";
import type { Browser } from "playwright-core";
import { pairTwo, type Session, session } from "../scenario/pairing.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { live, opened, served } from "./opened.ts";

const canRun = isBuilt && chromiumPath !== null;
const test = skipUnless(canRun, isBuilt ? noChromium : notBuilt);

let mini: Home;
let laptop: Home;
let browser: Browser;
const sessions: Session[] = [];

const script = "document.title='owned'";
const markup = `<img src=x onerror="${script}"><script>${script}</script>`;
const bidi = "\u202egnp.exe\u2066\u200b\u{e0041}";
/** As long as a summary may be. */
const summary = `${markup} ${bidi} ${"W".repeat(2_048 - 200)}`;

beforeAll(async () => {
  if (!canRun) return;
  mini = home("mini");
  laptop = home("laptop");
  browser = await launched();
  for (const place of [mini, laptop]) {
    const own = session();
    sessions.push(own);
    const ran = await place.run(["activate", "victim", "--pid", own.pid, "--summary", summary]);
    if (ran.code !== 0) throw new Error(ran.err);
  }
  await pairTwo(mini, laptop);
});

afterAll(async () => {
  if (!canRun) return;
  for (const own of sessions) own.end();
  await browser.close();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
});

const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

test("strings from a peer are plain text that breaks no layout", async () => {
  await using dashboard = await served(laptop);
  const { page, faults } = await live(browser, dashboard.link, {
    viewport: { width: 390, height: 844 },
  });
  await page.locator(".session", { hasText: "laptop/victim" }).click();
  await page.locator(".panel blockquote", { hasText: "<img src=x" }).waitFor();
  expect(await page.evaluate(overflow)).toBe(0);
  await page.getByRole("button", { name: "Map", exact: true }).click();
  await page.locator(".part.core").waitFor();
  expect(await page.evaluate(overflow)).toBe(0);
  await page.getByRole("button", { name: "Builder", exact: true }).click();
  await page.getByLabel("Handle").selectOption("mini/victim");
  await page.getByLabel("Question").fill(`${markup}${bidi}`);
  await page.getByRole("button", { name: "Ask now" }).click();
  const written = page.locator(".elsewhere blockquote");
  await written.waitFor();
  const text = (await written.textContent()) ?? "";
  expect(text).toContain(markup);
  expect(text).not.toMatch(/[\u202e\u2066\u200b\u{e0041}]/u);
  expect(await page.evaluate(overflow)).toBe(0);
  await page.getByRole("button", { name: "Activity", exact: true }).click();
  await page.locator(".line", { hasText: " asked " }).first().click();
  await page.locator(".whole", { hasText: "<script>" }).waitFor();
  expect(await page.evaluate(overflow)).toBe(0);
  expect(await page.locator("img, #app script, iframe").count()).toBe(0);
  expect([await page.title(), faults]).toEqual(["peernet", []]);
});

test("a link that was used opens nothing, and says how to get a new one", async () => {
  await using dashboard = await served(laptop);
  const first = await live(browser, dashboard.link);
  const { page } = await opened(browser, dashboard.link);
  await page.getByText("This link was used or is too old").waitFor();
  expect(await page.locator(".copyable pre").textContent()).toContain("dashboard");
  expect(await page.locator(".map, .panel").count()).toBe(0);
  expect(await first.page.locator(".connection.live").count()).toBe(1);
});

test("the process that ends is told of", async () => {
  const dashboard = await served(laptop);
  const { page } = await live(browser, dashboard.link);
  await dashboard[Symbol.asyncDispose]();
  await page.getByText("The dashboard process has ended").waitFor();
});

test("a daemon that stops is told of, and the page goes on by itself when it is back", async () => {
  await using dashboard = await served(laptop);
  const { page, faults } = await live(browser, dashboard.link);
  await laptop.run(["stop"]);
  await page.getByText("The daemon is not running.").waitFor();
  expect(await page.locator(".outage pre").textContent()).toBe("peernet start");
  await laptop.run(["start"]);
  await page.locator(".connection.live").waitFor();
  expect(await page.locator(".outage").count()).toBe(0);
  await laptop.run(["peers", "grant", "mini", "ask"]);
  await page.locator(".lately .words", { hasText: "mini may ask here" }).first().waitFor();
  expect(faults).toEqual([]);
});
