import { expect, test } from "bun:test";
import { freshLoopback } from "../../src/platform/network/loopback.ts";
import { seededRandom } from "../support/effects.ts";
import { skipUnless } from "../support/skip.ts";
import { served } from "./served.ts";

const addresses = (() => {
  const random = seededRandom(7);
  return Array.from({ length: 2_000 }, () => freshLoopback(random));
})();

test("freshLoopback() is another address of loopback each time, and never the usual one", () => {
  for (const address of addresses) {
    expect(address).toMatch(/^127\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])\.\d{1,3}\.[1-9]\d{0,2}$/);
    expect(address.split(".").every((part) => Number(part) <= 255)).toBe(true);
  }
  expect(new Set(addresses).size).toBeGreaterThan(addresses.length - 10);
});

skipUnless(process.platform === "linux", "only Linux answers at all of 127/8")(
  "a page at a fresh address is at no other, whichever page was there before",
  async () => {
    const [hostname = ""] = addresses;
    await using page = await served(null, { hostname });
    const { port } = new URL(page.origin);
    expect(page.origin).toBe(`http://${hostname}:${port}`);
    expect((await fetch(`${page.origin}/`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    const headers = { host: `127.0.0.1:${port}` };
    expect((await fetch(`${page.origin}/`, { headers })).status).toBe(403);
  },
);
