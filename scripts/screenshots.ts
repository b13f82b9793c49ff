/**
 * Draws the dashboard with made-up networks, so that a person can look at it at every size.
 * Writes dist/screenshots/*.png; the one of the README goes to docs/dashboard.jpg.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launched } from "../test/browser/chromium.ts";
import { type Network, network, peer, type Size } from "../test/browser/networks.ts";
import { bundled, type Stub, serveStub } from "../test/browser/stub.ts";

const folder = join(import.meta.dir, "../dist/screenshots");

interface Shot {
  readonly name: string;
  readonly size: Size;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  /** The acts of a person before the picture is taken. */
  readonly act?: (page: Page, stub: Stub) => Promise<void>;
  /** Of a picture for the README: on a screen of fine dots, and light enough for a repository. */
  readonly path?: string;
}

const widths = [
  [390, 844],
  [1024, 768],
  [1920, 1080],
] as const;

const sizes: readonly Size[] = [
  { peers: 0, handles: 0, own: 0 },
  { peers: 1, handles: 3, own: 2 },
  { peers: 8, handles: 5, own: 4, windowOpen: true },
  { peers: 7, handles: 6, own: 12 },
  { peers: 60, handles: 20, own: 12 },
];

const schemes = ["dark", "light"] as const;

const open = (tab: string) => async (page: Page) => {
  await page.getByRole("button", { name: tab, exact: true }).first().click();
};

/** Heartbeats and an ask, caught on their way. */
async function alive(page: Page, stub: Stub): Promise<void> {
  await open("Map")(page);
  for (const index of [0, 2, 5]) {
    stub.tell({ event: "peer", peer: peer(index, 5), greeted: index === 2 ? "in" : "out" });
  }
  stub.tell({
    event: "ask_begun",
    ask_id: "0199c3f0-7a6e-7c11-9b1f-000000000001",
    direction: "out",
    fingerprint: peer(1, 5).fingerprint,
    handle: peer(1, 5).handles[0]?.handle ?? "",
    thread_id: "0199c3f0-7a6e-7c11-9b1f-000000000002",
  });
  await page.locator(".comet.ask").waitFor({ state: "attached" });
  await page.evaluate(caught);
}

/** Holds everything that moves where it is seen best. */
const caught = `
  for (const [at, each] of document.getAnimations().entries()) {
    const isOnItsWay = each.effect.target.closest(".over") !== null;
    each.pause();
    each.currentTime = isOnItsWay ? 300 + 70 * (at % 4) : 2300 + 170 * (at % 5);
  }
`;

const views: readonly (readonly [string, (page: Page, stub: Stub) => Promise<void>])[] = [
  ["alive", alive],
  ["activity", open("Activity")],
  [
    "record",
    async (page) => {
      await open("Activity")(page);
      await page.locator(".line").nth(3).click();
    },
  ],
  ["builder", open("Builder")],
  [
    "session",
    async (page) => {
      await page.locator(".session").nth(1).click();
    },
  ],
  [
    "asked",
    async (page) => {
      await page.locator(".session", { hasText: "mini/" }).first().click();
      await page.getByRole("button", { name: "Ask", exact: true }).click();
      await page.locator(".answer, .failed").first().waitFor();
    },
  ],
  [
    "code",
    async (page) => {
      await open("Pair")(page);
      await page.getByText("Show a code here").click();
    },
  ],
  [
    "hidden-code",
    async (page, stub) => {
      await open("Pair")(page);
      await page.getByText("Show a code here").click();
      await page.getByText("Hide the code").click();
      stub.tell({
        event: "window",
        window: { open: true, expires_in_ms: 84_000, attempts_left: 2 },
      });
      await page.getByText("Show its code").waitFor();
    },
  ],
  [
    "unnamed",
    async (page) => {
      await open("Map")(page);
      await page.locator(".part.peer", { hasText: "mini" }).locator(".reach").click();
    },
  ],
  [
    "peer",
    async (page) => {
      await open("Map")(page);
      await page.locator(".part.peer .reach").first().click();
    },
  ],
];

function shots(): readonly Shot[] {
  const maps = sizes.flatMap((size) =>
    widths.flatMap(([width, height]) =>
      schemes.flatMap((scheme): readonly Shot[] => {
        const name = `${size.peers}-${width}-${scheme}`;
        const shot = { size, width, height, scheme };
        return [
          { ...shot, name: `list-${name}` },
          { ...shot, name: `map-${name}`, act: open("Map") },
        ];
      }),
    ),
  );
  const eight: Size = { peers: 8, handles: 5, own: 4 };
  const tabs = views.flatMap(([view, act]) =>
    widths.flatMap(([width, height]) =>
      schemes.map(
        (scheme): Shot => ({
          name: `${view}-${width}-${scheme}`,
          size: { ...eight, records: 180 },
          width,
          height,
          scheme,
          act,
        }),
      ),
    ),
  );
  const readme: Shot = {
    name: "readme",
    size: eight,
    width: 1280,
    height: 760,
    scheme: "dark",
    act: alive,
    path: join(import.meta.dir, "../docs/dashboard.jpg"),
  };
  return [...maps, ...tabs, readme];
}

async function take(browser: Browser, files: ReadonlyMap<string, Blob>, shot: Shot): Promise<void> {
  const made: Network = network(shot.size);
  await using stub = serveStub(files, made);
  const page = await browser.newPage({
    viewport: { width: shot.width, height: shot.height },
    colorScheme: shot.scheme,
    deviceScaleFactor: shot.path === undefined ? 1 : 1.5,
  });
  page.on("console", (message) => console.log(`${shot.name}: ${message.text()}`));
  page.on("pageerror", (error) => console.log(`${shot.name}: ${error.message}`));
  await page.goto(stub.url);
  await page.locator(".connection.live").waitFor();
  await page.waitForTimeout(250);
  await shot.act?.(page, stub);
  if (shot.act !== alive) await page.waitForTimeout(200);
  await page.screenshot(
    shot.path === undefined
      ? { path: join(folder, `${shot.name}.png`) }
      : { path: shot.path, type: "jpeg", quality: 86 },
  );
  await page.close();
}

mkdirSync(folder, { recursive: true });
const wanted = process.argv[2] ?? "";
const files = await bundled();
const browser = await launched();
for (const shot of shots()) {
  if (shot.name.includes(wanted)) await take(browser, files, shot);
}
await browser.close();
