/** The refusals of the documents' listener: names that it does not have, and foreign pages. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { control } from "../../src/contract/control.ts";
import { type Docs, serveDocs } from "../../src/daemon/api/docs.ts";
import { send } from "./raw.ts";

let docs: Docs;
let host = "";
let origin = "";
beforeAll(async () => {
  docs = await serveDocs();
  host = new URL(docs.url).host;
  origin = new URL(docs.url).origin;
});
afterAll(() => docs.close());

const served = ["/", "/page.css", "/openapi.json"];
const operations = Object.keys(control).map((path) => `/v1/${path}`);
const routes = [...served, ...operations, "/swagger", "/nothing", "/?query", "//"];

const unverified = {
  error: {
    code: "origin_unverified",
    message: "the origin could not be verified",
    hint: "open the address that peernet daemon --docs printed",
  },
};
const unknown = {
  error: {
    code: "operation_unknown",
    message: "there is no such operation",
    hint: "call operations on control.sock in the state folder",
  },
};

/** A refusal as it must be: its status, its text, and the headers that go with every reply. */
async function expectRefused(
  [status, body]: readonly [number, typeof unverified],
  lines: readonly string[],
  sent = "",
): Promise<void> {
  const reply = await send(docs.url, lines, sent);
  expect([lines, reply.status]).toEqual([lines, status]);
  expect(JSON.parse(reply.body)).toEqual(body);
  expect(reply.headers["content-security-policy"]).toStartWith("default-src 'none'");
  expect(reply.headers["access-control-allow-origin"]).toBeUndefined();
}

describe("serveDocs() refuses every route before it looks for it", () => {
  const hosts: Readonly<Record<string, () => readonly string[]>> = {
    "another name": () => ["Host: evil.example"],
    "another name with our port": () => [`Host: evil.example:${new URL(docs.url).port}`],
    "another port": () => ["Host: 127.0.0.1:1"],
    "no port": () => ["Host: 127.0.0.1"],
    "0.0.0.0": () => [`Host: 0.0.0.0:${new URL(docs.url).port}`],
    localhost: () => [`Host: localhost:${new URL(docs.url).port}`],
    "another spelling of the address": () => [`Host: 127.1:${new URL(docs.url).port}`],
    "a trailing dot": () => [`Host: 127.0.0.1.:${new URL(docs.url).port}`],
    "our name as a prefix": () => [`Host: ${host}.evil.example`],
    "our name behind a user": () => [`Host: evil@${host}`],
    "a second Host after ours": () => [`Host: ${host}`, "Host: evil.example"],
    "a second Host before ours": () => ["Host: evil.example", `Host: ${host}`],
    "ours twice": () => [`Host: ${host}`, `Host: ${host}`],
    "an empty Host": () => ["Host:"],
    "only a forwarded Host": () => ["Host: evil.example", `X-Forwarded-Host: ${host}`],
  };
  for (const [name, lines] of Object.entries(hosts)) {
    test(`when Host is ${name}`, async () => {
      for (const route of routes) {
        for (const method of ["GET", "POST"]) {
          await expectRefused([403, unverified], [`${method} ${route} HTTP/1.1`, ...lines()]);
        }
      }
    });
  }

  test("when Host is absent, as HTTP/1.0 allows", async () => {
    for (const route of routes) await expectRefused([403, unverified], [`GET ${route} HTTP/1.0`]);
  });

  test("when the request line names another host, whatever Host says of it", async () => {
    await expectRefused([403, unverified], [`GET ${origin}/ HTTP/1.1`, "Host: evil.example"]);
  });

  const origins: Readonly<Record<string, () => readonly string[]>> = {
    null: () => ["Origin: null"],
    empty: () => ["Origin:"],
    foreign: () => ["Origin: http://evil.example"],
    "of another port": () => ["Origin: http://127.0.0.1:1"],
    "of another scheme": () => [`Origin: https://${host}`],
    "of localhost": () => [`Origin: http://localhost:${new URL(docs.url).port}`],
    "one that ends like ours": () => [`Origin: http://evil${host}`],
    "one that begins like ours": () => [`Origin: ${origin}.evil.example`],
    "ours with a path": () => [`Origin: ${origin}/`],
    "ours and another": () => [`Origin: ${origin}`, "Origin: http://evil.example"],
    "left out, and the Referer is foreign": () => ["Referer: http://evil.example/"],
    "left out, and the Referer begins like ours": () => [`Referer: ${origin}.evil.example/`],
    "ours, and the Referer is foreign": () => [
      `Origin: ${origin}`,
      "Referer: http://evil.example/",
    ],
    "foreign, on an upgrade": () => [
      "Origin: http://evil.example",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
  };
  for (const [name, lines] of Object.entries(origins)) {
    test(`when Origin is ${name}`, async () => {
      for (const route of routes) {
        const head = [`GET ${route} HTTP/1.1`, `Host: ${host}`];
        await expectRefused([403, unverified], [...head, ...lines()]);
      }
    });
  }
});

describe("serveDocs() answers", () => {
  test("what it serves, when Host is ours and Origin and Referer are ours or absent", async () => {
    const own = [[], [`Origin: ${origin}`], [`Referer: ${docs.url}`]];
    for (const route of served) {
      for (const lines of own) {
        const reply = await send(docs.url, [`GET ${route} HTTP/1.1`, `Host: ${host}`, ...lines]);
        expect([route, lines, reply.status]).toEqual([route, lines, 200]);
        expect(reply.body.length).toBe(Number(reply.headers["content-length"]));
      }
    }
  });

  test("HEAD as GET, without the body", async () => {
    for (const route of served) {
      const reply = await send(docs.url, [`HEAD ${route} HTTP/1.1`, `Host: ${host}`]);
      const read = await fetch(new URL(route, docs.url));
      expect([reply.status, reply.body]).toEqual([200, ""]);
      expect(reply.headers["content-type"]).toBe(read.headers.get("content-type") ?? "");
      expect(reply.headers["content-security-policy"]).toStartWith("default-src 'none'");
    }
  });

  test("no operation: each is 404 by every method", async () => {
    for (const route of operations) {
      for (const method of ["POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
        await expectRefused([404, unknown], [`${method} ${route} HTTP/1.1`, `Host: ${host}`]);
      }
    }
  });

  test("no other method on what it serves", async () => {
    for (const route of served) {
      for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
        await expectRefused([404, unknown], [`${method} ${route} HTTP/1.1`, `Host: ${host}`]);
      }
    }
  });

  test("no other path, the page of the library neither", async () => {
    const others = ["/swagger", "/swagger/json", "/index.html", "/%6fpenapi.json", "//page.css"];
    for (const route of [...others, "/?query", "/openapi.json/", "/OPENAPI.JSON"]) {
      await expectRefused([404, unknown], [`GET ${route} HTTP/1.1`, `Host: ${host}`]);
    }
  });

  test("no body that a page can send unasked", async () => {
    const types = ["text/plain", "multipart/form-data; boundary=x", "application/json"];
    for (const type of [...types, "application/x-www-form-urlencoded"]) {
      for (const route of routes) {
        const sent = '{"name":"atlas"}';
        const head = [`POST ${route} HTTP/1.1`, `Host: ${host}`, `Content-Type: ${type}`];
        const lines = [...head, `Content-Length: ${sent.length}`];
        await expectRefused([404, unknown], lines, sent);
      }
    }
  });

  test("no preflight in favour of another origin", async () => {
    const lines = ["Origin: http://evil.example", "Access-Control-Request-Method: POST"];
    for (const route of routes) {
      const head = [`OPTIONS ${route} HTTP/1.1`, `Host: ${host}`];
      await expectRefused([403, unverified], [...head, ...lines]);
    }
  });

  test("a body over the cap by closing, without reading it", async () => {
    const head = ["POST / HTTP/1.1", `Host: ${host}`, "Content-Length: 1000000000"];
    expect((await send(docs.url, head)).status).toBe(413);
  });
});

describe("serveDocs()", () => {
  test("listens on loopback alone", async () => {
    const { port } = new URL(docs.url);
    expect(docs.url).toMatch(/^http:\/\/127\.0\.0\.1:[0-9]+\/$/);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address }) => address !== "127.0.0.1" && !address.startsWith("fe80"))
      .map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address));
    for (const address of [...others, "127.0.0.2"]) {
      await expect(fetch(`http://${address}:${port}/`)).rejects.toThrow();
    }
  });

  test("gives each its own port, and close() ends the one", async () => {
    const [one, other] = [await serveDocs(), await serveDocs()];
    expect(one.url).not.toBe(other.url);
    await one.close();
    await expect(fetch(one.url)).rejects.toThrow();
    expect((await fetch(other.url)).status).toBe(200);
    await other.close();
  });
});
