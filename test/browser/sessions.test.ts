/** The list of sessions as people use it: read without a click, walked by keys, filtered. */

import { afterAll, beforeAll, expect } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { skipUnless } from "../support/skip.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { network, peer } from "./networks.ts";
import { eventually, live } from "./opened.ts";
import { bundled, serveStub } from "./stub.ts";

const test = skipUnless(chromiumPath !== null, noChromium);

let browser: Browser;
let files: ReadonlyMap<string, Blob>;

beforeAll(async () => {
  if (chromiumPath === null) return;
  browser = await launched();
  files = await bundled();
});

afterAll(() => browser?.close());

const eight = { peers: 8, handles: 5, own: 4 };
const narrow = { width: 390, height: 844 };

const words = (page: Page): Promise<string[]> => page.locator(".session .mark").allTextContents();

test("the list shows what each session does without a click, those that wait first", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url);
  const shown = await words(page);
  expect(shown.filter((word, index) => word !== shown[index - 1])).toEqual([
    "waiting",
    "working",
    "idle",
    "unknown",
    "down",
  ]);
  const mini = page.locator(".session", { hasText: "mini/hydrate" });
  expect(await mini.textContent()).toContain("Port the sync client to streaming");
  const down = page.locator(".session.down", { hasText: "studio" });
  expect(await down.textContent()).toContain("last known 3 h ago: retry-sync working, web idle");
});

test("a session that begins to wait comes to the top by itself", async () => {
  await using stub = serveStub(files, network({ peers: 1, handles: 1, own: 1 }));
  const { page } = await live(browser, stub.url);
  expect(await words(page)).toEqual(["working", "working"]);
  const { handles, ...mini } = peer(0, 1);
  const waiting = handles.map((each) => ({ ...each, state: "waiting" as const, state_for_ms: 0 }));
  stub.tell({ event: "peer", peer: { ...mini, handles: waiting }, greeted: "in" });
  await page.locator(".session.waiting").waitFor();
  expect(await words(page)).toEqual(["waiting", "working"]);
});

test("arrows walk over the list, Enter opens, Escape closes", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url);
  const names = await page.locator(".session .name").allTextContents();
  await page.locator(".session").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await page.locator(".session.chosen .name").textContent()).toBe(names[2] ?? "");
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
  expect(await page.locator(".session[tabindex='0']").count()).toBe(1);
  await page.keyboard.press("Escape");
  await page.locator(".session.chosen").waitFor({ state: "detached" });
  await page.keyboard.press("End");
  expect(await page.evaluate("document.activeElement.className")).toContain("down");
});

test("typing keeps the sessions that fit", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url);
  await page.getByLabel("Filter the sessions").fill("waiting workbench");
  await eventually(page, "document.querySelectorAll('.session').length === 1");
  await page.getByLabel("Filter the sessions").fill("nothing like this");
  await page.getByText("Nothing fits the filter.").waitFor();
});

test("a session is opened in the place of the list where there is little room", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url, { viewport: narrow });
  await page.locator(".session").nth(1).click();
  await page.locator(".list").waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
  await page.getByRole("button", { name: "Back to this machine" }).click();
  await page.locator(".list").waitFor();
});

test("copies the ask as a command and as a call, with the question", async () => {
  await using stub = serveStub(files, network(eight));
  const { page } = await live(browser, stub.url, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.locator(".session", { hasText: "mini/hydrate" }).click();
  await page.getByLabel("Question, optional").fill("may I rebase main?");
  await page.getByText("Copy as command").click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe(
    "/usr/local/bin/peernet ask mini/hydrate 'may I rebase main?'",
  );
  await page.getByText("Copy as MCP call").click();
  await eventually(page, "navigator.clipboard.readText().then((t) => t.includes('ask_peer'))");
});

for (const [peers, handles, own] of [
  [0, 0, 0],
  [1, 3, 2],
  [60, 20, 12],
] as const) {
  test(`nothing is wider than 390 px with ${peers} peers`, async () => {
    await using stub = serveStub(files, network({ peers, handles, own }));
    const { page } = await live(browser, stub.url, { viewport: narrow });
    const beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    for (const tab of ["Sessions", "Map", "Tasks", "Activity", "Builder"]) {
      await page.getByRole("button", { name: tab, exact: true }).click();
      expect([tab, await page.evaluate(beyond)]).toEqual([tab, 0]);
    }
  });
}

test("where there is nothing yet, the first thing to do is first", async () => {
  await using stub = serveStub(files, network({ peers: 0, handles: 0, own: 0 }));
  const { page } = await live(browser, stub.url);
  expect(await page.locator(".teach h3").allTextContents()).toEqual([
    "Other machines cannot reach this one",
    "No machine is paired yet",
    "No session has a handle here",
  ]);
});
