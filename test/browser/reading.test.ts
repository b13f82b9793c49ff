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

test("a peer that is down neither flows nor loses its place", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url);
  await press(page, "Map");
  const place = await page.locator(".part.peer.down .rim").getAttribute("cx");
  expect(await page.locator(".flow").count()).toBe(7);
  stub.tell({ event: "peer", peer: { ...peer(3, 5), link: "up" }, greeted: "out" });
  await eventually(page, "document.querySelectorAll('.flow').length === 8");
  expect(await page.locator('.part.peer[aria-label^="studio"] .rim').getAttribute("cx")).toBe(
    place,
  );
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
