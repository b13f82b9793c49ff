/** A tab that its browser discards, and one that is closed: how long each keeps its session. */

import { afterAll, beforeAll, expect } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { sessionAwayMs } from "../../src/contract/limits/dashboard.ts";
import { sessionIdleMs } from "../../src/contract/limits.ts";
import { served } from "../dashboard/served.ts";
import { machine } from "../support/daemon.ts";
import { fakeEffects } from "../support/effects.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { live } from "./opened.ts";

const canRun = chromiumPath !== null;
const test = skipUnless(canRun, noChromium);

let browser: Browser;

beforeAll(async () => {
  if (canRun) browser = await launched();
});

afterAll(async () => {
  if (canRun) await browser.close();
});

const bearerIn = (page: Page) => page.evaluate<string>("sessionStorage.getItem('bearer')");

test("a discarded tab finds its session hours later; a closed one ends it", async () => {
  await using on = await machine("on");
  const { timers } = fakeEffects();
  await using dashboard = await served(on, { timers });
  let why = "";
  void dashboard.dashboard.ended.then((end) => {
    why = end;
  });
  const { page } = await live(browser, dashboard.dashboard.link);
  const bearer = await bearerIn(page);
  const crashed = page.waitForEvent("crash");
  // A browser discards a tab as it would kill it: the page runs no more code.
  await page.goto("chrome://crash").catch(() => {});
  await crashed;
  await timers.advance(sessionAwayMs / 2);
  expect(why).toBe("");
  // Chromium gives the tab its own storage back; its driver lets go of a tab that crashed.
  const back = await page.context().newPage();
  await back.addInitScript(`sessionStorage.setItem("bearer", ${JSON.stringify(bearer)})`);
  await back.goto(dashboard.origin);
  await back.locator(".connection.live").waitFor();
  await back.close({ runBeforeUnload: false });
  let waitedMs = 0;
  await until("the closed tab's session ends", async () => {
    await timers.advance(sessionIdleMs);
    waitedMs += sessionIdleMs;
    return why === "left";
  });
  expect(waitedMs).toBeLessThan(sessionAwayMs);
});
