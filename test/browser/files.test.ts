/** The files of a peer as people read them: folders, lines, a search, and every cap of each. */

import { afterAll, beforeAll, expect } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { live, type Tab } from "./opened.ts";
import { files as contents, hostile, pageOf, readable } from "./repository.ts";
import { bundled, type Stub, serveStub } from "./stub.ts";

const test = skipUnless(chromiumPath !== null, noChromium);

let browser: Browser;
let files: ReadonlyMap<string, Blob>;
let axe = "";

beforeAll(async () => {
  if (chromiumPath === null) return;
  browser = await launched();
  files = await bundled();
  axe = await Bun.file(join(import.meta.dir, "../../node_modules/axe-core/axe.min.js")).text();
});

afterAll(() => browser?.close());

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Opens the viewer from mini's panel, and names a repository. */
async function atFiles(
  { url }: Stub,
  options: BrowserContextOptions = {},
  repository = "hydrate",
): Promise<Tab> {
  const tab = await live(browser, url, { reducedMotion: "reduce", ...options });
  const { page } = tab;
  await page.locator(".session", { hasText: "mini/" }).first().click();
  await page.locator(".panel .link", { hasText: "mini" }).click();
  await button(page, "Read a repository").click();
  await page.getByLabel("Repository").fill(repository);
  await button(page, "Open").click();
  return tab;
}

const entries = (page: Page) => page.locator(".entry").allTextContents();

test("the commit, its age and the changed files that are not in it come first", async () => {
  await using stub = serveStub(files, readable());
  const { page } = await atFiles(stub);
  await page.locator(".commit").waitFor();
  const first = "main 91c0d7e, 4 min old; mini/hydrate has 3 changed files that are not in it";
  expect(await page.locator(".commit").textContent()).toBe(`hydrate ${first}`);
  await button(page, "README.md").click();
  await page.locator(".source li").first().waitFor();
  expect(await page.locator(".file-panel .over-title").textContent()).toBe(first);
});

test("a folder leads to its folders and files, and a full page to the next one", async () => {
  await using stub = serveStub(files, readable());
  const { page } = await atFiles(stub);
  const total = Object.keys(contents).length;
  await page.getByText(`${pageOf} of ${total} paths; incomplete: there is more`).waitFor();
  await button(page, "More").click();
  await page.getByText(`${total} paths`, { exact: true }).waitFor();
  expect(await entries(page)).toEqual([
    ...["src/", "many/"],
    ...["README.md", "[odd] name.ts", "hostile.txt", "link.md"],
  ]);
  await button(page, "src/").click();
  await button(page, "core/").click();
  await button(page, "wait.ts").waitFor();
  expect(stub.posted.at(-1)).toEqual(["read", expect.objectContaining(inFolder("src/core/**"))]);
  await page.getByRole("navigation", { name: "Folder" }).getByText("src/").click();
  await button(page, "sync.ts").waitFor();
  expect(await entries(page)).toEqual(["core/", "sync.ts"]);
});

const inFolder = (pattern: string) => ({
  ...{ machine: "mini", repository: "hydrate", handle: null, at: null, sha: null },
  operation: { op: "glob", pattern, cursor: null },
});

test("a file has its line numbers and its total, and the next page is of its commit", async () => {
  await using stub = serveStub(files, readable());
  const { page } = await atFiles(stub);
  await button(page, "src/").click();
  await button(page, "sync.ts").click();
  await page.getByText(`lines 1–${pageOf} of 60`).waitFor();
  await page.locator(".file-panel").getByRole("button", { name: "More" }).click();
  const all = page.locator(".source li");
  await until("the file is whole", async () => (await all.count()) === 60);
  expect(await all.nth(59).textContent()).toBe("60  line 60");
  expect(await page.locator(".file-panel .extent").textContent()).toStartWith("60 lines");
  const [, last] = stub.posted.at(-1) ?? [];
  expect(last).toMatchObject({
    sha: "91c0d7e0aa0000000000000000000000000000aa",
    operation: { op: "file", path: "src/sync.ts", cursor: String(pageOf) },
  });
});

test("a search says its caps and why it is incomplete, and leads to a line", async () => {
  await using stub = serveStub(files, readable());
  const { page } = await atFiles(stub);
  await page.getByLabel("Find this text").fill("backoff");
  await button(page, "Find").click();
  const count = Object.keys(contents).length;
  const told = `2 matches in ${count} searched files; incomplete: the time of one search was up`;
  await page.getByText(told).waitFor();
  await page.getByText("text files of at most 1,048,576 bytes").waitFor();
  expect(stub.posted.at(-1)).toEqual([
    "read",
    expect.objectContaining({ operation: expect.objectContaining({ regexp: false, glob: null }) }),
  ]);
  await page.locator(".entry", { hasText: "src/sync.ts:50" }).click();
  await page.locator(".file-panel").getByText(`lines 1–${pageOf} of 60`).waitFor();
  await page.locator(".file-panel").getByRole("button", { name: "More" }).click();
  await page.locator(".source .chosen", { hasText: "50  const backoff = 429;" }).waitFor();
});

test("text of a file and of an error is plain text, whose spaces are kept", async () => {
  await using stub = serveStub(files, readable());
  const { page, faults } = await atFiles(stub, { viewport: { width: 390, height: 844 } });
  await button(page, "hostile.txt").click();
  await page.locator(".source", { hasText: "<img src=x" }).waitFor();
  const [first, second] = await page.locator(".source li bdi").allTextContents();
  expect(first).toBe(hostile.replace(/[\u202e\u2066\u200b]/g, "\ufffd"));
  expect(second).toBe("    indented");
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  expect([await page.title(), faults]).toEqual(["peernet", []]);
});

test("a refusal is its code's message and its hint, and another repository ends it", async () => {
  await using stub = serveStub(files, readable());
  const { page } = await atFiles(stub, {}, "secret");
  const failed = page.getByRole("alert");
  await failed.getByText("mini lets this machine read no repository secret").waitFor();
  await failed.getByText("on mini run: peernet policy show").waitFor();
  await page.getByLabel("Repository").fill("hydrate");
  await page.getByLabel("Ref, optional").fill("main");
  await page.getByLabel("Ref, optional").press("Enter");
  await button(page, "README.md").waitFor();
  expect(await failed.count()).toBe(0);
  expect(stub.posted.at(-1)).toEqual(["read", expect.objectContaining({ at: "main" })]);
});

test("a session leads to its repository, and a machine that told no right to none", async () => {
  await using stub = serveStub(files, readable());
  const { page } = await live(browser, stub.url);
  await page.locator(".session", { hasText: "server/" }).first().click();
  await page.locator(".panel .ask-bar").waitFor();
  expect(await page.getByRole("button", { name: /^Read/ }).count()).toBe(0);
  await page.locator(".session", { hasText: "mini/hydrate" }).click();
  await button(page, "Read its repository").click();
  await button(page, "README.md").waitFor();
  expect(stub.posted).toEqual([
    ["read", expect.objectContaining({ repository: null, handle: "hydrate" })],
  ]);
  await button(page, "Back").click();
  await page.locator(".session.chosen").waitFor();
});

test("arrows, Enter and Escape are enough to read a file", async () => {
  await using stub = serveStub(files, readable());
  const { page } = await atFiles(stub, { viewport: { width: 390, height: 844 } });
  await button(page, "README.md").waitFor();
  await page.locator(".entry").first().focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByText("a link; this is its text:").waitFor();
  await until("the file has the focus", async () => (await focused(page)).startsWith("main"));
  expect(await button(page, "README.md").isVisible()).toBe(false);
  await page.keyboard.press("Escape");
  await button(page, "README.md").waitFor();
  await until("the focus is back", async () => (await focused(page)).endsWith("link.md"));
});

const focused = (page: Page): Promise<string> =>
  page.evaluate<string>("document.activeElement.textContent");

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

for (const [colorScheme, width] of [
  ["light", 1_024],
  ["dark", 390],
  ["dark", 1_920],
] as const) {
  test(`axe finds nothing in the list and a file, ${colorScheme} at ${width}`, async () => {
    await using stub = serveStub(files, readable());
    const { page, faults } = await atFiles(stub, {
      ...{ colorScheme, viewport: { width, height: 800 } },
    });
    const found = async (): Promise<readonly string[]> => {
      // The shape of axe's own result.
      const { violations } = (await page.evaluate("axe.run()")) as { violations: Finding[] };
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
    };
    await page.evaluate(axe);
    await button(page, "src/").waitFor();
    expect(await found()).toEqual([]);
    await button(page, "src/").click();
    await button(page, "sync.ts").click();
    await page.locator(".source li").first().waitFor();
    expect(await found()).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    expect(faults).toEqual([]);
  });
}
