/** The tab of messages as people use it: what they must decide first, conversations, answers. */

import { afterAll, beforeAll, expect } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { WatchEvent } from "../../src/contract/watch.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { message, someMail } from "./mail.ts";
import { type Network, network } from "./networks.ts";
import { live } from "./opened.ts";
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

const waits = (person: number, held: number): WatchEvent => ({
  event: "mail",
  mail: { person, sessions: 1, held, held_from: held === 0 ? [] : ["bob"] },
});

/** A network whose machine has some mail; a test may change it. */
function mailed(): Network & { readonly mail: NonNullable<Network["mail"]> } {
  const { events, ...rest } = network({ peers: 4, handles: 3, own: 2 });
  const ready = events.findIndex(({ event }) => event === "ready");
  return { ...rest, events: events.toSpliced(ready, 0, waits(1, 1)), mail: [...someMail] };
}

async function atMessages(url: string): Promise<Page> {
  const { page } = await live(browser, url);
  await page.getByRole("button", { name: "Messages 2" }).click();
  await page.locator(".talk").first().waitFor();
  return page;
}

const talk = (page: Page, text: string) => page.locator(".talk", { hasText: text });

test("held mail comes first, with its text, and a person approves or refuses it", async () => {
  const made = mailed();
  await using stub = serveStub(files, made);
  const page = await atMessages(stub.url);
  const held = page.locator(".held li");
  await held.getByText("It stopped at batch 41.").waitFor();
  expect(await held.textContent()).toContain("bob/api");
  expect(await held.textContent()).toContain("for web");
  await held.getByRole("button", { name: "Approve" }).click();
  await until("it is approved", () => stub.posted.length > 0);
  const id = someMail.at(-1)?.shown.message_id;
  expect(stub.posted).toEqual([["inbox/approve", { id }]]);
  made.mail.pop();
  stub.tell(waits(1, 0));
  await until("it is held no more", async () => (await held.count()) === 0);
  await page.getByRole("button", { name: "Messages 1" }).waitFor();
});

test("each proven stage stands under its message, and a new one comes by itself", async () => {
  const made = mailed();
  await using stub = serveStub(files, made);
  const page = await atMessages(stub.url);
  await talk(page, "server/api").click();
  const stages = page.locator(".stages");
  await stages.getByText("queued here").waitFor();
  expect(await stages.textContent()).not.toContain("stored");
  const at = made.mail.findIndex(({ shown }) => shown.to === "server/api");
  const before = made.mail[at];
  if (before === undefined) throw new Error("no such message");
  made.mail[at] = message(6, { ...before.shown, stage: "announced", text: before.text });
  stub.tell(waits(1, 1));
  await stages.getByText("its session was told").waitFor();
  expect(await stages.locator("li").allTextContents()).toEqual([
    expect.stringMatching(/^queued here \d\d:\d\d:\d\d$/),
    expect.stringMatching(/^stored on server \d\d:\d\d:\d\d$/),
    expect.stringMatching(/^its session was told \d\d:\d\d:\d\d$/),
  ]);
});

test("an answer replies to the newest message, and its outcome is shown", async () => {
  await using stub = serveStub(files, mailed());
  const page = await atMessages(stub.url);
  await talk(page, "mini/hydrate").click();
  expect(await page.locator(".exchange .words").allTextContents()).toEqual([
    "Is the schema final?",
    "Yes, since 91c0d7e. Migration 14 is the last.Tests are green on both.",
    "Auth module is ready for review: branch auth-2",
  ]);
  const box = page.getByPlaceholder("Message to mini/hydrate");
  await box.fill("Thanks for the review");
  await box.press("Control+Enter");
  await page.getByText("stored on mini · its session is idle and will be woken").waitFor();
  const id = someMail[1]?.shown.message_id;
  expect(stub.posted).toEqual([
    ["reply", { id, text: "Thanks for the review", from: { by: "person" } }],
  ]);
  expect(await box.inputValue()).toBe("");
});

test("a new message goes to any handle or person that is typed", async () => {
  await using stub = serveStub(files, mailed());
  const page = await atMessages(stub.url);
  await page.getByRole("button", { name: "New message" }).click();
  const leave = page.getByRole("button", { name: "Leave message" });
  await page.getByLabel("To", { exact: true }).fill("mini");
  expect(await leave.isDisabled()).toBe(true);
  await page.getByPlaceholder("Message").fill("ä".repeat(4_097));
  await page.getByText("8,194 of at most 8,192 bytes").waitFor();
  expect(await leave.isDisabled()).toBe(true);
  await page.getByPlaceholder("Message").fill("Registry moves tonight");
  await leave.click();
  await until("it is left", () => stub.posted.length > 0);
  expect(stub.posted).toEqual([
    ["send", { to: "mini", text: "Registry moves tonight", from: { by: "person" } }],
  ]);
});

test("on a narrow screen the list gives way to the conversation, and comes back", async () => {
  await using stub = serveStub(files, mailed());
  const { page } = await live(browser, stub.url, { viewport: { width: 390, height: 844 } });
  await page.getByRole("button", { name: "Messages 2" }).click();
  await talk(page, "mini/hydrate").click();
  expect(await page.locator(".list").isVisible()).toBe(false);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(390);
  expect(await page.getByRole("button", { name: "Leave message" }).isVisible()).toBe(true);
  await page.getByRole("button", { name: "Back to the list" }).click();
  expect(await page.locator(".list").isVisible()).toBe(true);
});
