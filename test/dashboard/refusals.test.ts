/** The refusals of the dashboard's listener, route by route, before it reads further. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { control } from "../../src/contract/control.ts";
import { bodyBytesMax } from "../../src/contract/limits.ts";
import type { Operation } from "../../src/contract/operation/operation.ts";
import { type RawReply, send } from "../daemon-docs/raw.ts";
import { type Machine, machine } from "../support/daemon.ts";
import { type Served, served } from "./served.ts";

let mini: Machine;
let page: Served;
let bearer = "";
let host = "";
beforeAll(async () => {
  mini = await machine("mini");
  page = await served(mini);
  bearer = await page.enter();
  host = new URL(page.origin).host;
});
afterAll(async () => {
  await page[Symbol.asyncDispose]();
  await mini[Symbol.asyncDispose]();
});

const rows: readonly (readonly [string, Operation])[] = Object.entries(control);
const forwarded = rows.filter(([, row]) => row.surfaces.includes("dashboard"));
const operations = rows.map(([path]) => `/v1/${path}`);
const routes = ["/", ...operations, "/session", "/nothing", "/?query", "//", "/v1/", "/v1"];
/** The records of the daemon: an admitted call would have left one. */
const records = async (): Promise<number> => (await mini.calls.audit({})).total;
const port = (): string => new URL(page.origin).port;

/** A request that would be served, except for an addition. */
const request = (method: string, route: string): readonly string[] => [
  `${method} ${route} HTTP/1.1`,
  "Content-Type: application/json",
  `Authorization: Bearer ${bearer}`,
];

async function expectRefused(
  [status, code]: readonly [number, string],
  lines: readonly string[],
  body = "",
): Promise<RawReply> {
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const reply = await send(page.origin, [...lines, ...length], body);
  expect([lines, reply.status]).toEqual([lines, status]);
  if (!lines[0]?.startsWith("HEAD")) expect(JSON.parse(reply.body).error.code).toBe(code);
  expect(reply.headers["content-security-policy"]).toStartWith("default-src 'none'");
  expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
  return reply;
}

describe("P36: A page of another site reads nothing of the dashboard and changes nothing by it. Every route is 403, with the right bearer too,", () => {
  const hosts: Readonly<Record<string, () => readonly string[]>> = {
    "another name": () => ["Host: evil.example"],
    "another name with our port": () => [`Host: evil.example:${port()}`],
    "another port": () => ["Host: 127.0.0.1:1"],
    "no port": () => ["Host: 127.0.0.1"],
    "0.0.0.0": () => [`Host: 0.0.0.0:${port()}`],
    localhost: () => [`Host: localhost:${port()}`],
    "another spelling of the address": () => [`Host: 127.1:${port()}`],
    "a trailing dot": () => [`Host: 127.0.0.1.:${port()}`],
    "ours as a prefix": () => [`Host: ${host}.evil.example`],
    "ours behind a user": () => [`Host: evil@${host}`],
    "a second Host after ours": () => [`Host: ${host}`, "Host: evil.example"],
    "a second Host before ours": () => ["Host: evil.example", `Host: ${host}`],
    "ours twice": () => [`Host: ${host}`, `Host: ${host}`],
    empty: () => ["Host:"],
    "only forwarded": () => ["Host: evil.example", `X-Forwarded-Host: ${host}`],
  };
  for (const [name, lines] of Object.entries(hosts)) {
    test(`when Host is ${name}`, async () => {
      const before = await records();
      for (const route of routes) {
        for (const method of ["GET", "POST"]) {
          const head = [...request(method, route), `Origin: ${page.origin}`, ...lines()];
          await expectRefused([403, "origin_unverified"], head, method === "POST" ? "{}" : "");
        }
      }
      expect(await records()).toBe(before);
    });
  }

  test("when Host is absent, as HTTP/1.0 allows", async () => {
    for (const route of routes) {
      await expectRefused([403, "origin_unverified"], [`GET ${route} HTTP/1.0`]);
    }
  });

  test("when the request line names another host", async () => {
    const head = [`POST ${page.origin}/v1/pair HTTP/1.1`, "Host: evil.example"];
    await expectRefused([403, "origin_unverified"], head);
    const whole = [...request("POST", "http://evil.example/v1/status"), `Host: ${host}`];
    const reply = await send(page.origin, [...whole, `Origin: ${page.origin}`]);
    expect(reply.status).toBeOneOf([403, 404, 400]);
  });

  const origins: Readonly<Record<string, () => readonly string[]>> = {
    null: () => ["Origin: null"],
    empty: () => ["Origin:"],
    foreign: () => ["Origin: http://evil.example"],
    "of another port": () => ["Origin: http://127.0.0.1:1"],
    "of another scheme": () => [`Origin: https://${host}`],
    "of localhost": () => [`Origin: http://localhost:${port()}`],
    "one that ends like ours": () => [`Origin: http://evil${host}`],
    "one that begins like ours": () => [`Origin: ${page.origin}.evil.example`],
    "ours with a path": () => [`Origin: ${page.origin}/`],
    "ours and another": () => [`Origin: ${page.origin}`, "Origin: http://evil.example"],
    "left out, and the Referer is foreign": () => ["Referer: http://evil.example/"],
    "left out, and the Referer begins like ours": () => [`Referer: ${page.origin}.evil.example/`],
    "ours, and the Referer is foreign": () => [
      `Origin: ${page.origin}`,
      "Referer: http://evil.example/",
    ],
    "foreign, on an upgrade": () => [
      "Origin: http://evil.example",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
  };
  for (const [name, lines] of Object.entries(origins)) {
    test(`when Origin is ${name}`, async () => {
      const before = await records();
      for (const route of routes) {
        for (const method of ["GET", "POST", "OPTIONS"]) {
          const head = [...request(method, route), `Host: ${host}`, ...lines()];
          await expectRefused([403, "origin_unverified"], head, method === "POST" ? "{}" : "");
        }
      }
      expect(await records()).toBe(before);
    });
  }

  test("when a POST has no Origin, though its Referer is ours", async () => {
    for (const route of routes) {
      const head = [...request("POST", route), `Host: ${host}`, `Referer: ${page.origin}/`];
      await expectRefused([403, "origin_unverified"], head, "{}");
    }
  });
});

describe("from our own page, the listener refuses", () => {
  const own = (method: string, route: string): readonly string[] => [
    `${method} ${route} HTTP/1.1`,
    `Host: ${host}`,
    `Origin: ${page.origin}`,
  ];

  test("an upgrade, to whatever protocol", async () => {
    for (const protocol of ["websocket", "h2c"]) {
      for (const route of routes) {
        const lines = ["Connection: Upgrade", `Upgrade: ${protocol}`, "Sec-WebSocket-Version: 13"];
        const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        await expectRefused([400, "bad_request"], [...own("GET", route), ...lines, key]);
      }
    }
  });

  test("a body that is not JSON: 415, and nothing happens", async () => {
    const before = await records();
    const types = ["text/plain", "multipart/form-data; boundary=x", "application/jsonp", ""];
    for (const type of [...types, "application/x-www-form-urlencoded"]) {
      for (const [path] of [...forwarded, ["session"] as const]) {
        const route = path === "session" ? "/session" : `/v1/${path}`;
        const head = [...own("POST", route), `Authorization: Bearer ${bearer}`];
        const typed = type === "" ? head : [...head, `Content-Type: ${type}`];
        await expectRefused([415, "unsupported_media"], typed, '{"name":"mini"}');
      }
    }
    expect(await records()).toBe(before);
  });

  test("data without the bearer: 401, also with the secret in its place", async () => {
    const before = await records();
    const credentials = [
      [],
      ["Authorization: Bearer"],
      ["Authorization: Bearer null"],
      [`Authorization: Bearer ${page.secret}`],
      [`Authorization: Basic ${bearer}`],
      [`Authorization: bearer ${bearer}`],
      [`Authorization: Bearer ${bearer}x`],
      [`Authorization: Bearer ${bearer.slice(0, -1)}`],
      [`Authorization: Bearer ${bearer}`, `Authorization: Bearer ${bearer}`],
      [`Cookie: bearer=${bearer}`],
    ];
    for (const lines of credentials) {
      for (const [path] of forwarded) {
        const head = [...own("POST", `/v1/${path}`), "Content-Type: application/json", ...lines];
        await expectRefused([401, "unauthenticated"], head, "{}");
      }
    }
    expect(await records()).toBe(before);
  });

  test("rows that are not on this surface, and what is no row: 404", async () => {
    const others = rows.filter(([, row]) => !row.surfaces.includes("dashboard"));
    const wanted =
      "activate audit/compare deactivate errand errands hook leases leases/resume messages/take " +
      "metrics overlap/edit overlap/who renew stop summary trust untrust wait waker";
    expect(others.map(([path]) => path).sort()).toEqual(wanted.split(" "));
    const none = ["/v1/", "/v1", "/v1/nothing", "/v1/__proto__", "/v1/constructor", "/v2/status"];
    const spelled = ["/v1/STATUS", "/v1/status/", "/v1/%73tatus", "/v1//status", "/v1/status?x=1"];
    const traversing = ["/session/../v1/stop", "/v1/../v1/stop", "/session/", "/session?"];
    const all = [...others.map(([path]) => `/v1/${path}`), ...none, ...spelled, ...traversing];
    for (const route of all) {
      const head = [...own("POST", route), "Content-Type: application/json"];
      const lines = [...head, `Authorization: Bearer ${bearer}`];
      const reply = await send(page.origin, [...lines, "Content-Length: 2"], "{}");
      expect([route, reply.status]).toEqual([route, 404]);
    }
    expect((await mini.calls.status({})).machine.running).toBe(true);
  });

  test("every other method on every route", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"]) {
      for (const route of routes) {
        const head = [...request(method, route), `Host: ${host}`, `Origin: ${page.origin}`];
        const reply = await send(page.origin, head);
        expect([method, route, reply.status >= 400]).toEqual([method, route, true]);
      }
    }
    for (const [path] of forwarded) {
      const head = [...request("GET", `/v1/${path}`), `Host: ${host}`];
      await expectRefused([404, "operation_unknown"], head);
    }
  });

  test("a body over the cap, by its length and in chunks", async () => {
    const large = JSON.stringify({ question: "a".repeat(bodyBytesMax) });
    const head = [...request("POST", "/v1/ask"), `Host: ${host}`, `Origin: ${page.origin}`];
    await expectRefused([413, "body_too_large"], head, large);
    const size = Buffer.byteLength(large).toString(16);
    const chunked = `${size}\r\n${large}\r\n0\r\n\r\n`;
    const reply = await send(page.origin, [...head, "Transfer-Encoding: chunked"], chunked);
    expect(reply.status).toBe(413);
    const endless = [...head, "Content-Length: 1000000000"];
    expect((await send(page.origin, endless)).status).toBe(413);
  });

  test("no one the page itself, which is static, with headers on every reply", async () => {
    const document = await send(page.origin, ["GET / HTTP/1.1", `Host: ${host}`]);
    expect(document.status).toBe(200);
    const files = [...document.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
    expect(files.length).toBeGreaterThan(0);
    const policy = document.headers["content-security-policy"] ?? "";
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(document.body).not.toMatch(/<script(?![^>]*src=)|\sstyle=|<style|\son[a-z]+=/);
    for (const path of ["/", ...files]) {
      for (const method of ["GET", "HEAD"]) {
        const reply = await send(page.origin, [`${method} ${path} HTTP/1.1`, `Host: ${host}`]);
        expect([path, reply.status]).toEqual([path, 200]);
        expect(reply.headers).toMatchObject({
          "content-security-policy": policy,
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-resource-policy": "same-origin",
          "referrer-policy": "no-referrer",
          "x-content-type-options": "nosniff",
          "cache-control": "no-store",
        });
        expect(reply.headers["set-cookie"]).toBeUndefined();
      }
    }
  });
});

test("the listener is on loopback alone, on a port that is this tab's", async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address }) => address !== "127.0.0.1" && !address.startsWith("fe80"))
    .map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address));
  for (const address of [...others, "127.0.0.2"]) {
    await expect(fetch(`http://${address}:${port()}/`)).rejects.toThrow();
  }
  await using another = await served(mini);
  expect(another.origin).not.toBe(page.origin);
  // One tab's bearer is nothing to another's listener.
  expect((await another.post("/v1/status", {}, { bearer })).status).toBe(401);
});
