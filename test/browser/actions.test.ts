/** The dashboard end to end: two paired daemons, each tab, each action, in Chromium. */

import { afterAll, beforeAll, expect } from "bun:test";
import { realpathSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { activate, opening, pairTwo, type Session } from "../scenario/pairing.ts";
import { executable, type Home, home, isBuilt, notBuilt } from "../support/executable.ts";
import { skipUnless } from "../support/skip.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { live, type Served, served, type Tab } from "./opened.ts";

const canRun = isBuilt && chromiumPath !== null;
const test = skipUnless(canRun, isBuilt ? noChromium : notBuilt);

let mini: Home;
let laptop: Home;
let browser: Browser;
let dashboard: Served;
let tab: Tab;
let page: Page;
const sessions: Session[] = [];

beforeAll(async () => {
  if (!canRun) return;
  mini = home("mini");
  laptop = home("laptop");
  browser = await launched();
  sessions.push(await activate(mini, "hydrate"), await activate(laptop, "api"));
  await pairTwo(mini, laptop);
  dashboard = await served(laptop);
  tab = await live(browser, dashboard.link);
  page = tab.page;
});

afterAll(async () => {
  if (!canRun) return;
  for (const session of sessions) session.end();
  await browser.close();
  await dashboard[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
  await laptop[Symbol.asyncDispose]();
});

const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });
const fact = (name: string) => page.locator(".panel .fact", { hasText: name }).locator("dd");

test("the address holds no secret once the page runs", () => {
  expect(dashboard.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#\S{20,}$/);
  expect(page.url()).toBe(dashboard.link.replace(/#.*/, ""));
});

test("the map shows this machine, its handle, the peer and the peer's handle", async () => {
  await button("Map").click();
  await page.locator(".part.core", { hasText: "laptop" }).waitFor();
  await page.locator(".part.own", { hasText: "api" }).waitFor();
  await page.locator(".part.peer.up", { hasText: "mini" }).waitFor();
  await page.locator(".part.moon", { hasText: "hydrate" }).waitFor();
  await page.locator("line.link.up").waitFor({ state: "attached" });
});

test("hover and keys show what is known of a peer", async () => {
  await page.locator(".part.peer .reach").hover();
  const { peers } = Object(await laptop.json(["status"]));
  expect(await fact("Fingerprint").textContent()).toBe(peers[0].fingerprint);
  expect(await fact("It may").textContent()).toBe("ask here");
  expect(await fact("Path").textContent()).toBe("loopback");
  expect(await fact("Address").textContent()).toBe(peers[0].address);
  expect(await fact("Round trip").textContent()).toMatch(/ms/);
  await page.locator(".part.core").focus();
  expect(await page.locator(".panel h2").textContent()).toBe("laptop");
  for (const name of ["api", "mini", "mini/hydrate"]) {
    await page.keyboard.press("ArrowRight");
    await page.locator(".panel h2", { hasText: name }).waitFor();
  }
  await page.keyboard.press("Enter");
  expect(await page.evaluate("document.activeElement.id")).toBe("panel");
  await button("Back to this machine").click();
});

test("the list of sessions is first, and a click opens one, which is asked there", async () => {
  await button("Sessions").click();
  const lines = page.locator(".session");
  expect(await lines.count()).toBe(2);
  await lines.filter({ hasText: "mini/hydrate" }).click();
  await page.getByLabel("Question, optional").fill("is it 'free'?");
  await page.locator(".ask-bar", { hasText: "no model reads it" }).waitFor();
  const command = page.getByText("Copy as command");
  expect(await command.getAttribute("title")).toEndWith(
    ` ask mini/hydrate 'is it '\\''free'\\''?'`,
  );
  const tool = (await page.getByText("Copy as MCP call").getAttribute("title")) ?? "";
  expect(JSON.parse(tool)).toEqual({
    method: "tools/call",
    params: { name: "ask_peer", arguments: { handle: "mini/hydrate", question: "is it 'free'?" } },
  });
  await button("Ask").click();
  await page.locator(".answer .elsewhere").getByText("at work on hydrate").waitFor();
});

test("the Builder shows the same ask", async () => {
  await button("Builder").click();
  await page.getByLabel("Handle").selectOption("mini/hydrate");
  await page.getByLabel("Question").fill("is it 'free'?");
  const shown = page.locator(".outcome .copyable pre");
  expect(await shown.nth(0).textContent()).toBe(`peernet ask mini/hydrate 'is it '\\''free'\\''?'`);
  await button("Ask now").click();
  await page.locator(".answer .elsewhere").getByText("at work on hydrate").waitFor();
});

test("the command that the Builder shows does what it says", async () => {
  const text = (await page.locator(".outcome .copyable pre").first().textContent()) ?? "";
  const command = text.replace(/^peernet/, executable);
  const ran = Bun.spawnSync(["sh", "-c", command], { env: { ...laptop.environment } });
  expect([ran.exitCode, ran.stdout.toString()]).toEqual([0, expect.stringContaining("hydrate")]);
});

test("the registrations that it shows are of this executable and its state folder", async () => {
  const agents = page.locator(".agent");
  const [first, second] = [agents.nth(0).locator("pre"), agents.nth(1)];
  const variable = `-e PEERNET_HOME=${laptop.folder}`;
  expect(await first.textContent()).toBe(
    `claude mcp add --scope user peernet ${variable} -- ${realpathSync(executable)} mcp`,
  );
  await second.locator("summary", { hasText: "add to ~/.codex/config.toml" }).click();
  expect(await second.locator("pre").textContent()).toContain(
    `env = { PEERNET_HOME = "${laptop.folder}" }`,
  );
});

test("activity shows the ask as it is written, and its thread whole", async () => {
  await button("Activity").click();
  await page.locator(".line", { hasText: "is it 'free'?" }).first().click();
  await page.locator(".whole dl").getByText("thread_id").first().waitFor({ state: "attached" });
  await laptop.run(["ask", "mini/hydrate", "written while the page is open"]);
  await page.locator(".line", { hasText: "written while the page is open" }).waitFor();
  await button("Only this thread").click();
  await page.locator(".chip").waitFor();
  await page.locator(".line").waitFor();
  await button("Clear").click();
});

test("activity hides what peernet did by itself until asked, and filters", async () => {
  expect(await page.locator(".line", { hasText: "took its handle" }).count()).toBe(0);
  await page.getByLabel("All records").click();
  await page.locator(".line", { hasText: "api took its handle" }).waitFor();
  await page.getByLabel("All records").click();
  await page.getByLabel("Kind").selectOption("paired");
  await page.locator(".line", { hasText: " asked " }).first().waitFor({ state: "detached" });
  await page.locator(".line", { hasText: "This machine and mini were paired" }).waitFor();
  await button("Clear").click();
});

test("the chain is verified, and its head is the trail's", async () => {
  await button("Verify").click();
  await page.locator(".chain", { hasText: "witness" }).waitFor();
  const { head } = Object(await laptop.json(["audit", "verify"]));
  expect(await page.locator(".chain code").getAttribute("title")).toBe(head);
});

test("the export is what the command exports", async () => {
  const [download] = await Promise.all([page.waitForEvent("download"), button("Export").click()]);
  const saved = await Bun.file(await download.path()).text();
  expect(saved).toBe((await laptop.run(["audit", "export"])).out);
});

test("a peer is renamed, paused and let ask again", async () => {
  await button("Map").first().click();
  await page.locator(".part.peer .reach").click();
  await button("Rename").first().click();
  await page.getByLabel("Its name on this machine").fill("tiny");
  await page.locator(".typed button", { hasText: "Rename" }).click();
  await page.locator(".panel h2", { hasText: "tiny" }).waitFor();
  const theirs = async (): Promise<unknown> =>
    Object(await laptop.json(["peers", "show", "tiny"])).grants.theirs;
  await page.getByLabel("tiny may ask this machine").click();
  await fact("It may").getByText("nothing here").waitFor();
  expect(await theirs()).toEqual([]);
  await page.getByLabel("tiny may ask this machine").click();
  await fact("It may").getByText("ask here").waitFor();
  expect(await theirs()).toEqual(["ask"]);
});

test("unpairing needs the name typed", async () => {
  await button("Unpair").first().click();
  const submit = page.locator(".typed button", { hasText: "Unpair" });
  expect(await submit.isDisabled()).toBe(true);
  await page.getByLabel(/Type tiny/).fill("tiny");
  await submit.click();
  await page.locator(".part.ghost").waitFor();
  expect(Object(await laptop.json(["peers"])).peers).toEqual([]);
});

test("a code is shown: a wrong one typed elsewhere counts, the right one pairs", async () => {
  await mini.run(["unpair", "laptop", "--yes"]);
  await button("Pair").click();
  await button(/Show a code here/).click();
  const code = page.locator("output.code");
  await code.waitFor();
  const shown = ((await code.textContent()) ?? "").replace(/\D/g, "");
  expect(shown).toMatch(/^\d{6}$/);
  await page.locator(".window .arc").waitFor({ state: "attached" });
  const address = Object(await laptop.json(["status"])).machine.listen[0];
  const wrong = shown === "000000" ? "000001" : "000000";
  await mini.run(["pair", "-", "--to", address], { stdin: `${wrong}\n` });
  await page.locator(".left", { hasText: "2 attempts left" }).waitFor();
  await mini.run(["pair", "-", "--to", address], { stdin: `${shown}\n` });
  await page.locator(".paired", { hasText: "Paired with mini" }).waitFor();
  const named = async () => Object(await laptop.json(["peers", "show", "mini"])).named_by;
  expect(await named()).toBe("itself");
  await button("Use this name").click();
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  expect(await named()).toBe("person");
  await page.locator(".part.peer", { hasText: "mini" }).waitFor();
});

const isOpen = async () => Object(await laptop.json(["status"])).window.open;

test("a code that was hidden is shown again, and the window is closed from the panel", async () => {
  await button("Pair").click();
  await button(/Show a code here/).click();
  const code = page.locator("output.code");
  const shown = await code.textContent();
  await button("Hide the code").click();
  await code.waitFor({ state: "detached" });
  expect(await isOpen()).toBe(true);
  await button("Show its code").click();
  expect(await code.textContent()).toBe(shown);
  await page.keyboard.press("Escape");
  await button("Close the window").click();
  await page.locator(".opening").waitFor({ state: "detached" });
  expect(await isOpen()).toBe(false);
});

test("a window of a terminal is closed from the panel, and its code is not shown", async () => {
  const window = await opening(laptop);
  await page.getByText("Its code is shown where it was opened.").waitFor();
  expect(await page.locator("body").textContent()).not.toContain(window.code);
  await button("Close the window").click();
  expect(await window.ended).not.toBe(0);
  expect(await isOpen()).toBe(false);
});

test("a code is typed on the page", async () => {
  await using server = home("server");
  await server.run(["start"]);
  const window = await opening(server);
  await button("Pair").click();
  await button(/Type a code/).click();
  await page.getByLabel("Or its address").fill(window.address);
  await button("Look").click();
  await page.getByText(window.fingerprint).waitFor();
  await page.getByLabel("Code").fill(`${window.code.slice(0, 3)}-${window.code.slice(3)}`);
  await page.locator(".code-typed button").click();
  await page.locator(".join .failed, .paired").waitFor();
  expect(await page.locator("dialog").textContent()).toContain("Paired with server");
  expect(await window.ended).toBe(0);
  await page.getByLabel("Your name for it").fill("rack");
  await page.keyboard.press("Enter");
  await page.locator(".part.peer", { hasText: "rack" }).waitFor();
});

test("nothing broke the policy, left loopback or threw", () => {
  expect(tab.faults).toEqual([]);
});
