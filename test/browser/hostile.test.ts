/** The dashboard against strings, pages, links and daemons that mean it no good. */

import { afterAll, beforeAll, expect } from "bun:test";
import type { Browser } from "playwright-core";
import { pairTwo, type Session, session } from "../scenario/pairing.ts";
import { type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { flipping } from "./flip.ts";
import { live, opened, served } from "./opened.ts";

const canRun = isBuilt && chromiumPath !== null;
const test = skipUnless(canRun, isBuilt ? noChromium : notBuilt);

let mini: Home;
let laptop: Home;
let browser: Browser;
const sessions: Session[] = [];

/** Where the name `evil.test` leads to; nothing else of the machine listens there. */
const evilAddress = "127.0.0.77";

const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
const bidi = "\u202egnp.exe\u2066\u200b\u{e0041}";
/** As long as a summary may be. */
const summary = `${markup} ${bidi} ${"W".repeat(2_048 - 200)}`;

beforeAll(async () => {
  if (!canRun) return;
  mini = home("mini");
  laptop = home("laptop");
  browser = await launched([`--host-resolver-rules=MAP evil.test ${evilAddress}`]);
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
  await page.locator(".part.own .reach").click();
  await page.locator(".panel blockquote", { hasText: "<img src=x" }).waitFor();
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
  await page.locator(".line", { hasText: "ask" }).first().click();
  await page.locator(".whole dd", { hasText: "<script>" }).first().waitFor();
  expect(await page.evaluate(overflow)).toBe(0);
  expect(await page.locator("img, #app script, iframe").count()).toBe(0);
  expect([await page.title(), faults]).toEqual(["peernet", []]);
});

test("a link that was used opens nothing, and says how to get a new one", async () => {
  await using dashboard = await served(laptop);
  const first = await live(browser, dashboard.link);
  const { page } = await opened(browser, dashboard.link);
  await page.getByText("this link was used or is too old").waitFor();
  expect(await page.locator(".copyable pre").textContent()).toContain("dashboard");
  expect(await page.locator(".map, .panel").count()).toBe(0);
  expect(await first.page.locator(".connection.live").count()).toBe(1);
});

test("a reload loses the session and says so; the process that ends is told of", async () => {
  const dashboard = await served(laptop);
  const { page } = await live(browser, dashboard.link);
  await page.reload();
  await page.getByText("this tab has no session").waitFor();
  const second = await served(laptop);
  const other = await live(browser, second.link);
  await second[Symbol.asyncDispose]();
  await other.page.getByText("the dashboard process has ended").waitFor();
  await dashboard[Symbol.asyncDispose]();
});

test("a daemon that stops is told of, and the page goes on by itself when it is back", async () => {
  await using dashboard = await served(laptop);
  const { page, faults } = await live(browser, dashboard.link);
  await laptop.run(["stop"]);
  await page.getByText("The daemon is not running.").waitFor();
  expect(await page.locator(".outage pre").textContent()).toBe("peernet start");
  expect(await page.locator(".under.still").count()).toBe(1);
  await laptop.run(["start"]);
  await page.locator(".connection.live").waitFor();
  expect(await page.locator(".outage").count()).toBe(0);
  await laptop.run(["peers", "grant", "mini", "ask"]);
  await page.locator(".lately .verb", { hasText: "grant" }).first().waitFor();
  expect(faults).toEqual([]);
});

test("a page whose name flips to loopback reads nothing and writes nothing", async () => {
  await using dashboard = await served(laptop);
  const { port, hash } = new URL(dashboard.link);
  await using evil = flipping(evilAddress, Number(port));
  const before = await laptop.run(["audit", "--all", "--json"]);
  const { page } = await opened(browser, `http://evil.test:${port}/`);
  await page.getByText("evil page").waitFor();
  evil.flip();
  const tried = await page.evaluate(attack, { port, secret: hash.slice(1) });
  expect(tried.length).toBeGreaterThan(40);
  expect(tried.filter(({ status }) => status !== 403 && status !== 0)).toEqual([]);
  const { machine } = Object(await laptop.json(["status"]));
  for (const { body } of tried) expect(body).not.toContain(machine.fingerprint);
  expect((await laptop.run(["audit", "--all", "--json"])).out).toBe(before.out);
  // The link is still good: no foreign page could spend its secret.
  await live(browser, dashboard.link);
});

interface Tried {
  readonly status: number;
  readonly body: string;
}

/** Runs in the foreign page: each route, by the flipped name and across origins. */
async function attack(aim: { readonly port: string; readonly secret: string }): Promise<Tried[]> {
  const rows = "status peers ask audit unpair pair discover doctor watch audit/export";
  const paths = ["/", "/session", ...rows.split(" ").map((row) => `/v1/${row}`)];
  const tried: Tried[] = [];
  for (const base of ["", `http://127.0.0.1:${aim.port}`]) {
    for (const path of paths) {
      for (const type of [null, "application/json", "text/plain"]) {
        const body = JSON.stringify({ secret: aim.secret, name: "mini", scopes: [] });
        const sent =
          type === null ? {} : { method: "POST", body, headers: { "content-type": type } };
        try {
          const reply = await fetch(base + path, { ...sent, cache: "no-store" });
          tried.push({ status: reply.status, body: await reply.text() });
        } catch {
          tried.push({ status: 0, body: "" });
        }
      }
    }
  }
  return tried;
}
