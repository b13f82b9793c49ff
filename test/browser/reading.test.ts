/** The dashboard as people read it: with a screen reader, in the dark, without motion. */

import { afterAll, beforeAll, expect } from "bun:test";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { skipUnless } from "../support/skip.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { network, peer } from "./networks.ts";
import { eventually, live, type Tab } from "./opened.ts";
import { bundled, serveStub } from "./stub.ts";

const canRun = chromiumPath !== null;
const test = skipUnless(canRun, noChromium);

let browser: Browser;
let files: ReadonlyMap<string, Blob>;
let axe = "";

beforeAll(async () => {
  if (!canRun) return;
  browser = await launched();
  files = await bundled();
  axe = await Bun.file(join(import.meta.dir, "../../node_modules/axe-core/axe.min.js")).text();
});

afterAll(() => browser?.close());

const eight = { peers: 8, handles: 5, own: 4 };

async function reading(url: string, colorScheme: "light" | "dark"): Promise<Tab> {
  return live(browser, url, { colorScheme, reducedMotion: "reduce" });
}

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** The serious findings of axe. */
async function serious(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  // The shape of axe's own result.
  const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as {
    violations: Finding[];
  };
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary}`);
}

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).first().click();

const views: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  sessions: () => Promise.resolve(),
  session: (page) => page.locator(".session").nth(1).click(),
  map: (page) => press(page, "Map"),
  peer: (page) => page.locator(".part.peer .reach").first().click(),
  activity: async (page) => {
    await press(page, "Activity");
    await page.locator(".line").first().click();
  },
  builder: (page) => press(page, "Builder"),
  pair: async (page) => {
    await press(page, "Pair");
    await page.locator("dialog .way").first().waitFor();
  },
};

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious in any view, ${colorScheme}`, async () => {
    await using stub = serveStub(files, network(eight));
    const { page, faults } = await reading(stub.url, colorScheme);
    for (const [view, show] of Object.entries(views)) {
      await show(page);
      expect([view, await serious(page)]).toEqual([view, []]);
    }
    expect(faults).toEqual([]);
  });
}

test("axe finds nothing serious where there is nothing to show", async () => {
  await using stub = serveStub(files, network({ peers: 0, handles: 0, own: 0 }));
  const { page } = await reading(stub.url, "light");
  expect(await serious(page)).toEqual([]);
});

test("prefers-reduced-motion stills everything", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url, { reducedMotion: "reduce" });
  await press(page, "Map");
  stub.tell({ event: "peer", peer: peer(0, 5), greeted: "in" });
  expect(await page.evaluate("document.getAnimations().length")).toBe(0);
  expect(await page.locator(".over i").count()).toBe(0);
});

test("a heartbeat and an ask are drawn, and go when they have arrived", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url);
  await press(page, "Map");
  stub.tell({ event: "peer", peer: peer(0, 5), greeted: "in" });
  await page.locator(".comet.beat").waitFor({ state: "attached" });
  const ask_id = "0199c3f0-7a6e-7c11-9b1f-000000000001";
  const { fingerprint, handles } = peer(1, 5);
  const handle = handles[0]?.handle ?? "";
  const thread_id = ask_id;
  stub.tell({ event: "ask_begun", ask_id, direction: "out", fingerprint, handle, thread_id });
  await page.locator(".comet.ask").waitFor({ state: "attached" });
  stub.tell({ event: "ask_ended", ask_id, outcome: "ok", took_ms: 3 });
  await page.locator(".comet.answer").waitFor({ state: "attached" });
  await page.locator(".over i").first().waitFor({ state: "detached" });
  await eventually(page, "document.querySelectorAll('.over i').length === 0");
});

test("a peer that comes up keeps its place, and nothing moves once it is there", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url);
  await press(page, "Map");
  const rim = page.locator('.part.peer[aria-label^="studio"] .rim');
  const place = await rim.getAttribute("cx");
  stub.tell({ event: "peer", peer: { ...peer(3, 5), link: "up" }, greeted: "out" });
  await eventually(page, "document.querySelectorAll('line.link.up').length === 8");
  await page.locator(".comet.beat").waitFor({ state: "attached" });
  expect(await rim.getAttribute("cx")).toBe(place);
  await eventually(page, "document.getAnimations().length === 0");
});

test("nothing moves while nothing happens, in any tab", async () => {
  await using stub = serveStub(files, network({ ...eight, windowOpen: true }));
  const { page } = await live(browser, stub.url);
  const endless = `document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime === Infinity).length`;
  for (const tab of ["Sessions", "Map", "Tasks", "Activity", "Builder"]) {
    await press(page, tab);
    expect([tab, await page.evaluate(endless)]).toEqual([tab, 0]);
  }
});

test("the map is of circles, with upright names, at most 12, whatever the size", async () => {
  await using stub = serveStub(files, network({ peers: 60, handles: 20, own: 12 }));
  const { page } = await live(browser, stub.url, { viewport: { width: 390, height: 844 } });
  await press(page, "Map");
  await page.locator(".part.core").waitFor();
  expect(await page.locator(".map ellipse, .map text[transform]").count()).toBe(0);
  expect(await page.locator(".map text.name").count()).toBeLessThanOrEqual(13);
  await page.locator(".part.group.down .rim").click();
  await page.locator(".session").first().waitFor();
});

test("amber is of what waits for a person, and of nothing else", async () => {
  await using stub = serveStub(files, network({ ...eight, own: 2, windowOpen: true }));
  const { page } = await live(browser, stub.url);
  const amber = `[...document.querySelectorAll("#app *")].filter((each) => {
    const style = getComputedStyle(each);
    const mark = getComputedStyle(each, "::before");
    const probe = document.createElement("i");
    probe.style.color = "var(--honey)";
    document.body.append(probe);
    const honey = getComputedStyle(probe).color;
    probe.remove();
    const own = [style.backgroundColor, style.fill, style.stroke, mark.backgroundColor];
    return own.includes(honey) && each.closest(".waiting") === null;
  }).map((each) => each.outerHTML.slice(0, 90))`;
  await page.locator(".session.waiting").first().waitFor();
  for (const tab of ["Sessions", "Map"]) {
    await press(page, tab);
    await page
      .locator(tab === "Map" ? ".part.core" : ".session")
      .first()
      .waitFor();
    const found = (await page.evaluate<string[]>(amber)).filter(
      (html) => !html.includes('class="mark waiting"'),
    );
    expect([tab, found]).toEqual([tab, []]);
  }
});

test("activity draws only what is seen of 100,000 records, and reads on", async () => {
  await using stub = serveStub(files, network({ ...eight, records: 100_000 }));
  const { page } = await live(browser, stub.url);
  await press(page, "Activity");
  await page.locator(".line").first().waitFor();
  for (let step = 0; step < 30; step++) {
    await page.evaluate("document.querySelector('.rows').scrollTop = 1e9");
    await page.waitForTimeout(20);
  }
  const shown = await page.locator(".line").count();
  const height = Number(await page.evaluate("document.querySelector('.rows').scrollHeight"));
  expect(height / 40).toBeGreaterThan(1_000);
  expect(shown).toBeLessThan(80);
});
