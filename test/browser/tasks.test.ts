/** The tab of tasks as people use it: approve what is shown, stop, read what came of it. */

import { afterAll, beforeAll, expect } from "bun:test";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { TaskOutput } from "../../src/contract/tasks/local.ts";
import type { WatchEvent } from "../../src/contract/watch.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { chromiumPath, launched, noChromium } from "./chromium.ts";
import { type Network, network } from "./networks.ts";
import { live } from "./opened.ts";
import { bundled, serveStub } from "./stub.ts";
import { madeTask, someTasks } from "./tasks.ts";

const test = skipUnless(chromiumPath !== null, noChromium);

let browser: Browser;
let axe = "";
let files: ReadonlyMap<string, Blob>;

beforeAll(async () => {
  if (chromiumPath === null) return;
  browser = await launched();
  files = await bundled();
  axe = await Bun.file(join(import.meta.dir, "../../node_modules/axe-core/axe.min.js")).text();
});

afterAll(() => browser?.close());

const counted = (held: number): WatchEvent => ({
  event: "tasks",
  tasks: { held, held_from: ["mini"], here: 1, asked: 1, asked_of: ["mini"] },
});

function tasked(tasks: TaskOutput[]): Network & { readonly tasks: TaskOutput[] } {
  const { events, ...rest } = network({ peers: 2, handles: 1, own: 1 });
  const ready = events.findIndex(({ event }) => event === "ready");
  return { ...rest, events: events.toSpliced(ready, 0, counted(1)), tasks };
}

async function atTasks(url: string, width = 1280): Promise<Page> {
  const { page } = await live(browser, url, { viewport: { width, height: 900 } });
  await page.getByRole("button", { name: "Tasks 1" }).click();
  await page.locator(".talk").first().waitFor();
  return page;
}

const line = (page: Page, text: string) => page.locator(".talk", { hasText: text });

test("a held task comes first, shown whole, and is approved by what was shown", async () => {
  const made = tasked(someTasks());
  await using stub = serveStub(files, made);
  const page = await atTasks(stub.url);
  expect(await page.locator(".talk").first().textContent()).toContain("loader");
  const panel = page.locator("#panel");
  await panel.getByText("Leave the legacy path as it is.").waitFor();
  const words = (await panel.textContent()) ?? "";
  for (const each of ["/src/hydrate", "claude-code 2.1.329", "the model only", "15 min", "api"]) {
    expect(words).toContain(each);
  }
  await panel.getByRole("button", { name: "Approve" }).click();
  await until("it is approved", () => stub.posted.length > 0);
  const [, , , , shown] = made.tasks;
  expect(stub.posted[0]).toEqual([
    "tasks/approve",
    {
      task: shown?.task.task_id,
      document_sha256: "a".repeat(64),
      decision_sha256: "b".repeat(64),
    },
  ]);
  made.tasks[4] = madeTask(1, { name: "loader", state: "running" });
  stub.tell(counted(0));
  await until("no task is held", async () => (await page.locator(".held").count()) === 0);
  // The page had opened it by itself: it stays while its person follows it.
  await panel.getByRole("button", { name: "Stop" }).waitFor();
  expect(await panel.textContent()).toContain("loader");
});

test("a running task is stopped once a person confirms it, and its output is text", async () => {
  const made = tasked(someTasks());
  await using stub = serveStub(files, made);
  const page = await atTasks(stub.url);
  await line(page, "tests").click();
  const panel = page.locator("#panel");
  await panel.getByText("Runs here for server").waitFor();
  await panel.getByRole("button", { name: "Read it" }).click();
  await panel.getByText("<b>bold</b> step 2").waitFor();
  await panel.getByRole("button", { name: "Stop" }).click();
  expect(stub.posted).toEqual([]);
  await panel.getByRole("button", { name: "Stop it for good" }).click();
  await until("it is stopped", () => stub.posted.length > 0);
  expect(stub.posted[0]?.[0]).toBe("tasks/stop");
});

test("an ended task shows what was measured apart from claims, and its commit", async () => {
  await using stub = serveStub(files, tasked(someTasks()));
  const page = await atTasks(stub.url);
  await line(page, "retry").click();
  const panel = page.locator("#panel");
  await panel.getByText("git merge refs/peernet/mini/retry-0008").waitFor();
  const words = (await panel.textContent()) ?? "";
  for (const each of ["0.41 USD", "Two tests added.", "known", "Asked of mini"]) {
    expect(words).toContain(each);
  }
  await line(page, "notes").click();
  await panel.getByText("on mini run: peernet runner add claude-code").waitFor();
});

test("strings of a task are plain text that breaks no layout, at every width", async () => {
  const markup = `<img src=x onerror="document.title='owned'"> \u202egnp.exe\u001b[31m`;
  const hostile = madeTask(1, { name: "loader" }, { prompt: `${markup} ${"W".repeat(4_000)}` });
  await using stub = serveStub(files, tasked([hostile]));
  for (const width of [390, 1024, 1920]) {
    const page = await atTasks(stub.url, width);
    await line(page, "loader").click();
    await page.locator("#panel").getByText("<img src=x").waitFor();
    const words = (await page.locator("#panel").textContent()) ?? "";
    expect(/[\u202e\u001b]/.test(words)).toBe(false);
    expect(await page.title()).not.toBe("owned");
    expect(
      await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      ),
    ).toBe(0);
    await page.context().close();
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in a held and in an ended task, ${colorScheme}`, async () => {
    await using stub = serveStub(files, tasked(someTasks()));
    for (const width of [390, 1280]) {
      const page = await atTasks(stub.url, width);
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe);
      for (const name of ["loader", "retry"]) {
        await line(page, name).click();
        await page.locator("#panel h2", { hasText: name }).waitFor();
        // The shape of axe's own result.
        const { violations } = (await page.evaluate("axe.run()")) as {
          violations: { id: string; nodes: { html: string }[] }[];
        };
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        if (width === 390) await page.getByRole("button", { name: "Back to the list" }).click();
      }
      await page.context().close();
    }
  });
}

test("the empty tab says the command that begins a task", async () => {
  await using stub = serveStub(files, tasked([]));
  const { page } = await live(browser, stub.url);
  await page.getByRole("button", { name: "Tasks" }).click();
  await page.getByText('run MACHINE:REPOSITORY "…"').waitFor();
});
