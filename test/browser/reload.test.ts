/** A tab that is reloaded, left and come back to, or copied; and one that was none of these. */

import { afterAll, beforeAll, expect } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { sessionTabsMax } from "../../src/contract/limits.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { live, served } from "./opened.ts";

const canRun = isBuilt && chromiumPath !== null;
const test = skipUnless(canRun, isBuilt ? noChromium : notBuilt);

let laptop: Home;
let browser: Browser;

beforeAll(async () => {
  if (!canRun) return;
  laptop = home("laptop");
  browser = await launched();
});

afterAll(async () => {
  if (!canRun) return;
  await browser.close();
  await laptop[Symbol.asyncDispose]();
});

const isLive = (page: Page): Promise<void> => page.locator(".connection.live").waitFor();

test("F5 goes on, as often as a person likes, and so does a tab that comes back", async () => {
  await using dashboard = await served(laptop);
  const { page, faults } = await live(browser, dashboard.link);
  for (let times = 0; times < 2 * sessionTabsMax; times++) {
    await page.reload();
    await isLive(page);
  }
  await page.goto("about:blank");
  await page.goBack();
  await isLive(page);
  expect(page.url()).toBe(dashboard.link.replace(/#.*/, ""));
  expect(faults).toEqual([]);
});

test("a copy of the tab is live beside it, and each follows by itself", async () => {
  await using dashboard = await served(laptop);
  const { page } = await live(browser, dashboard.link);
  const [copy] = await Promise.all([
    page.context().waitForEvent("page"),
    page.evaluate("void window.open('/')"),
  ]);
  await isLive(copy);
  await laptop.run(["stop"]);
  for (const each of [page, copy]) await each.getByText("The daemon is not running.").waitFor();
  await laptop.run(["start"]);
  for (const each of [page, copy]) await isLive(each);
});

test("a tab that is no copy has no session, at the same address too", async () => {
  await using dashboard = await served(laptop);
  const { page } = await live(browser, dashboard.link);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByText("This tab has no session").waitFor();
  await isLive(page);
});

test("the secret is in no storage, the bearer in that of the tab alone", async () => {
  await using dashboard = await served(laptop);
  const { page } = await live(browser, dashboard.link);
  await page.reload();
  await isLive(page);
  const kept = "JSON.stringify([{ ...localStorage }, document.cookie, { ...sessionStorage }])";
  const [local, cookie, tab] = JSON.parse(await page.evaluate<string>(kept));
  expect([local, cookie, Object.keys(tab)]).toEqual([{}, "", ["bearer"]]);
  const secret = new URL(dashboard.link).hash.slice(1);
  expect(tab.bearer).not.toBe(secret);
  const urls = `[location.href, document.referrer, ...performance.getEntries()
    .map(({ name }) => name)].join()`;
  expect(await page.evaluate<string>(urls)).not.toContain(secret);
});

test("a tab forgets its bearer when the session is over", async () => {
  const dashboard = await served(laptop);
  const { page } = await live(browser, dashboard.link);
  await page.evaluate("sessionStorage.setItem('bearer', 'another')");
  await page.reload();
  await page.getByText("This tab has no session").waitFor();
  expect(await page.evaluate<number>("sessionStorage.length")).toBe(0);
  await dashboard[Symbol.asyncDispose]();
});
