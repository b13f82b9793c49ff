/**
 * A page of another origin in a real browser, whose name is made to resolve to the dashboard's
 * address and port: can it read or do anything? Runs in a mount namespace of its own, so that the
 * name can be moved as an attacker's name server would move it.
 */

import { expect } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { control } from "../../src/contract/control.ts";
import { chromiumPath } from "../browser/chromium.ts";
import { machine, session } from "../support/daemon.ts";
import { skipUnless } from "../support/skip.ts";
import { until } from "../support/until.ts";
import { served } from "./served.ts";

const canMount =
  chromiumPath !== null && Bun.spawnSync(["unshare", "-m", "true"], { stderr: "ignore" }).success;
const name = "evil.test";
const routes = ["/", "/session", ...Object.keys(control).map((path) => `/v1/${path}`)];

/** A browser in which a file decides the meaning of a name, at any moment. */
function browsing() {
  const folder = mkdtempSync(join(tmpdir(), "peernet-names-"));
  const hosts = join(folder, "hosts");
  const mark = `--test-mark=${folder}`;
  const wrapper = join(folder, "browser");
  const inside = `mount --bind '${hosts}' /etc/hosts && exec '${chromiumPath}' "$@"`;
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec unshare -m sh -c '${inside.replaceAll("'", "'\\''")}' sh "$@"\n`,
    {
      mode: 0o755,
    },
  );
  // Written in place: the mount is of the file, not of its name.
  const point = (address: string): void => writeFileSync(hosts, `${address} ${name}\n`);
  return {
    point,
    launch: () => chromium.launch({ executablePath: wrapper, args: ["--no-sandbox", mark] }),
    forgetNames: () => {
      for (const pid of networkProcesses(mark)) process.kill(pid, "SIGKILL");
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * The processes by which a browser of ours speaks to the network, and in which it remembers what
 * names mean. It starts another as soon as one has ended; its pages stay.
 */
function networkProcesses(mark: string): readonly number[] {
  const read = (pid: number, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return "";
    }
  };
  const pids = readdirSync("/proc").map(Number).filter(Boolean);
  const own = new Set(pids.filter((pid) => read(pid, "cmdline").split("\0").includes(mark)));
  const parentOf = (pid: number): number => Number(/\) \S (\d+)/.exec(read(pid, "stat"))?.[1]);
  const isOwn = (pid: number): boolean => own.has(pid) || (pid > 1 && isOwn(parentOf(pid)));
  return pids.filter((pid) => read(pid, "cmdline").includes("NetworkService") && isOwn(pid));
}

/** The results of a page on each route, by every means: the status, or nothing. */
const attack = (page: Page, base: string, secret: string): Promise<readonly string[]> =>
  page.evaluate(
    async ({ base, routes, secret }) => {
      const got: string[] = [];
      const body = JSON.stringify({ secret, grant: ["ask"], from: null, name: "laptop" });
      const types = ["application/json", "text/plain", "application/x-www-form-urlencoded"];
      const tried = async (route: string, init: RequestInit): Promise<void> => {
        const unnamed: RequestInit = { ...init, referrerPolicy: "no-referrer" };
        const reply = await fetch(`${base}${route}`, unnamed).catch(() => null);
        const text = reply === null ? "" : await reply.text().catch(() => "");
        got.push(`${reply === null ? "nothing" : reply.status} ${text}`);
      };
      for (const route of routes) {
        await tried(route, {});
        await tried(route, { mode: "no-cors" });
        for (const type of types) {
          const headers = { "content-type": type };
          await tried(route, { method: "POST", headers, body });
          await tried(route, { method: "POST", headers, body, mode: "no-cors" });
        }
      }
      return got;
    },
    { base, routes, secret },
  );

/** True when the page can open a socket or a source of events there. */
const opens = (page: Page, base: string): Promise<readonly boolean[]> =>
  page.evaluate(async (base) => {
    const opened = (of: WebSocket | EventSource) =>
      new Promise<boolean>((resolve) => {
        of.onopen = () => resolve(true);
        of.onerror = () => resolve(false);
      });
    return Promise.all([
      opened(new WebSocket(`${base.replace("http", "ws")}/v1/watch`)),
      opened(new EventSource(`${base}/v1/watch`)),
    ]);
  }, base);

/** Neither from its own origin nor, once the name has moved, as if it were within ours. */
function expectNothing(across: readonly string[], within: readonly string[]): void {
  expect([across.length, within.length]).toEqual([8 * routes.length, 8 * routes.length]);
  // Across origins not even a refusal can be read, and a request without CORS has no status.
  expect(across.filter((got) => !/^(nothing|0) $/.test(got))).toEqual([]);
  expect(within.filter((got) => !/^(403 .*"origin_unverified"|nothing )/.test(got))).toEqual([]);
  expect(within.filter((got) => got.startsWith("403")).length).toBeGreaterThan(routes.length);
  expect(JSON.stringify([across, within])).not.toContain("not for strangers");
}

skipUnless(canMount, "needs chromium and the right to mount")(
  "P36: A page of another site reads nothing of the dashboard and changes nothing by it. Its name is made to point here",
  async () => {
    using names = browsing();
    names.point("127.0.0.2");
    await using mini = await machine("mini");
    await mini.calls.activate(session({ name: "hydrate", summary: "not for strangers" }));
    await using page = await served(mini);
    const { port } = new URL(page.origin);
    const before = await mini.calls.audit({ all: true });
    const evil = Bun.serve({
      hostname: "127.0.0.2",
      port: Number(port),
      fetch: () => new Response("<h1>evil</h1>", { headers: { "content-type": "text/html" } }),
    });
    const browser: Browser = await names.launch();
    try {
      const tab = await browser.newPage();
      await tab.goto(`http://${name}:${port}/`);
      expect(await tab.textContent("h1")).toBe("evil");
      const across = await attack(tab, page.origin, page.secret);
      expect(await opens(tab, page.origin)).toEqual([false, false]);

      names.point("127.0.0.1");
      await evil.stop(true);
      names.forgetNames();
      await until("the name has moved", () =>
        tab.evaluate(() =>
          fetch("/").then(
            () => true,
            () => false,
          ),
        ),
      );
      const within = await attack(tab, `http://${name}:${port}`, page.secret);
      expect(await opens(tab, `http://${name}:${port}`)).toEqual([false, false]);

      expectNothing(across, within);
      expect(await mini.calls.audit({ all: true })).toEqual(before);
      // The link, which it knew, is still its owner's.
      expect(page.secondUses()).toBe(0);
      await page.enter();
    } finally {
      await browser.close();
      await evil.stop(true);
    }
  },
);
