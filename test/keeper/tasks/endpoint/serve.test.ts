/** The endpoint's gates: what passes, as what it arrives, and all that is refused. */

import { describe, expect } from "bun:test";
import { statSync } from "node:fs";
import { skipUnless } from "../../../support/skip.ts";
import { until } from "../../../support/until.ts";
import {
  answerTo,
  canSign,
  key,
  messages,
  modelAt,
  origin,
  post,
  question,
  raw,
  served,
  statusOf,
  streamed,
} from "./support.ts";

const test = skipUnless(canSign, "certificates for the origin need openssl");

describe("serveEndpoint()", () => {
  test("passes a named request on, under our credential alone", async () => {
    using model = origin();
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    const theirs = [
      "x-api-key: sk-attacker-0123456789",
      "authorization: Bearer sk-attacker-0123456789",
      "cookie: a=b",
      "proxy-authorization: Basic eA==",
      "x-forwarded-for: 1.2.3.4",
      "anthropic-version: 2023-06-01",
      "anthropic-beta: one,two",
      "accept-encoding: gzip, zstd",
    ];
    const headers = theirs.map((line) => `${line}\r\n`).join("");
    const answer = await answerTo(endpoint.path, post(question(), { headers }));
    expect(statusOf(answer)).toBe(200);
    expect(answer).toContain("text_delta");
    expect(answer).toEndWith("0\r\n\r\n");
    const [{ method, target, headers: got, body } = never()] = model.received;
    expect([method, target, got.get("x-api-key")]).toEqual(["POST", "/v1/messages", key]);
    expect(got.get("anthropic-version")).toBe("2023-06-01");
    expect(got.get("accept-encoding")).toBe("identity");
    expect(got.get("host")).toBe(new URL(model.url).host);
    for (const name of ["authorization", "cookie", "proxy-authorization", "x-forwarded-for"]) {
      expect([name, got.get(name)]).toEqual([name, null]);
    }
    expect(JSON.parse(body)).toEqual(JSON.parse(question()));
    expect(JSON.stringify([...got])).not.toContain("attacker");
    expect(endpoint.used()).toEqual({
      ...{ usd: (10 * 4 + 5 * 20) / 1_000_000, requests: 1 },
      ...{ reached: ["localhost"], refused: [] },
    });
  });

  test("serves at a socket that is the user's alone", () => {
    using model = origin();
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    expect(statSync(endpoint.path).mode & 0o777).toBe(0o600);
  });

  const refused: readonly (readonly [string, string, number, string])[] = [
    ["another path", post(question(), { target: "/v1/files" }), 403, "POST /v1/files"],
    [
      "an upload path",
      post(question(), { target: "/v1/files?beta=true" }),
      403,
      "/v1/files?beta=true",
    ],
    ["a batch", post(question(), { target: "/v1/messages/batches" }), 403, "/v1/messages/batches"],
    [
      "a path that leads back",
      post(question(), { target: "/v1/messages/../files" }),
      403,
      "../files",
    ],
    ["an escaped path", post(question(), { target: "/v1/%6dessages" }), 403, "/v1/%6dessages"],
    ["a doubled slash", post(question(), { target: "//v1/messages" }), 403, "//v1/messages"],
    ["another query", post(question(), { target: "/v1/messages?beta=true&x=1" }), 403, "&x=1"],
    ["a fragment", post(question(), { target: "/v1/messages#x" }), 403, "#x"],
    [
      "an absolute form",
      post(question(), { target: "http://evil.example/v1/messages" }),
      403,
      "evil",
    ],
    [
      "the absolute form of our own origin",
      post(question(), { target: "https://api.anthropic.com/v1/messages" }),
      403,
      "https://api.anthropic.com/v1/messages",
    ],
    ["an authority", post(question(), { target: "@evil.example/v1/messages" }), 403, "@evil"],
    ["a tunnel", "CONNECT api.anthropic.com:443 HTTP/1.1\r\n\r\n", 403, "CONNECT api.anthropic"],
    ["another method", "PUT /v1/messages HTTP/1.1\r\n\r\n", 403, "PUT /v1/messages"],
    ["a lower method", "post /v1/messages HTTP/1.1\r\n\r\n", 400, "malformed request line"],
    ["an older version", "GET / HTTP/1.0\r\n\r\n", 400, "malformed request line"],
    ["no request", "\u0016\u0003\u0001\u0002\r\n\r\n", 400, "malformed request line"],
    [
      "a chunked body",
      "POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      411,
      "transfer encoding",
    ],
    [
      "a length and a transfer encoding",
      "POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\nTransfer-Encoding: x\r\n\r\n{}",
      411,
      "transfer encoding",
    ],
    [
      "two lengths",
      "POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
      400,
      "repeated header content-length",
    ],
    [
      "a signed length",
      "POST /v1/messages HTTP/1.1\r\ncontent-length: +2\r\n\r\n{}",
      400,
      "malformed length",
    ],
    [
      "a length over the limit",
      "POST /v1/messages HTTP/1.1\r\ncontent-length: 8388609\r\n\r\n{}",
      413,
      "body too large",
    ],
    [
      "a compressed body",
      "POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\ncontent-encoding: gzip\r\n\r\nxx",
      415,
      "encoded body",
    ],
    [
      "an expectation",
      "POST /v1/messages HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n",
      417,
      "expectation",
    ],
    ["a folded header", "GET / HTTP/1.1\r\na: b\r\n c: d\r\n\r\n", 400, "malformed header"],
    ["a bare line feed", "GET / HTTP/1.1\r\na: b\nc: d\r\n\r\n", 400, "malformed header"],
    ["a NUL in a header", "GET / HTTP/1.1\r\na: b\0c\r\n\r\n", 400, "malformed header"],
    ["a space before a colon", "GET / HTTP/1.1\r\na : b\r\n\r\n", 400, "malformed header"],
    ["a header beyond ASCII", "GET / HTTP/1.1\r\na: \u00fc\r\n\r\n", 400, "malformed header"],
  ];
  for (const [name, text, status, why] of refused) {
    test(`refuses ${name}`, async () => {
      using model = origin();
      using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
      const answer = await answerTo(endpoint.path, text);
      expect(statusOf(answer)).toBe(status);
      expect(endpoint.used().refused.join()).toContain(why);
      expect(model.received).toEqual([]);
      expect(endpoint.used().requests).toBe(0);
    });
  }

  test("reads one request of a connection: what follows it is no request", async () => {
    using model = origin();
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    const smuggled = post(question({ max_tokens: 999 }));
    const answer = await answerTo(endpoint.path, post(question()) + smuggled);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(model.received).toHaveLength(1);
  });

  test("never asks another address that the origin names", async () => {
    using other = origin();
    using model = origin();
    model.answer = () =>
      new Response(null, { status: 307, headers: { location: `${other.url}/v1/messages` } });
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    expect(statusOf(await answerTo(endpoint.path, post(question())))).toBe(502);
    expect(other.received).toEqual([]);
    expect(endpoint.used().refused.join()).toContain("answers with another address");
  });

  test("believes no other certificate", async () => {
    using other = origin();
    using model = origin();
    const plan = { ...modelAt(model), authorities: other.cert };
    using endpoint = served({ model: plan, hosts: [], usd: 1 });
    expect(statusOf(await answerTo(endpoint.path, post(question())))).toBe(502);
    expect(model.received).toEqual([]);
    expect(endpoint.used().usd).toBe(0);
  });

  test("passes no cookie and no other header of a reply on", async () => {
    using model = origin();
    model.answer = () => {
      const reply = streamed(messages({ input_tokens: 1, output_tokens: 1 }));
      reply.headers.set("set-cookie", "a=b");
      reply.headers.set("x-other", "c");
      reply.headers.set("request-id", "req_1");
      return reply;
    };
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    const answer = await answerTo(endpoint.path, post(question()));
    expect(answer).toContain("request-id: req_1");
    expect(answer).not.toMatch(/set-cookie|x-other/);
  });

  test("closes connections over its limit, and serves when they have gone", async () => {
    using model = origin();
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    const idle = await Promise.all(Array.from({ length: 32 }, () => raw(endpoint.path)));
    expect(await answerTo(endpoint.path, post(question()))).toBe("");
    for (const each of idle) each.end();
    await until(
      "one is served again",
      async () => statusOf(await answerTo(endpoint.path, post(question()))) === 200,
    );
  });

  test("ends a connection that sends more than a head without an end", async () => {
    using model = origin();
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    const socket = await raw(endpoint.path);
    socket.write(`GET / HTTP/1.1\r\na: ${"b".repeat(40_000)}`);
    expect(await socket.all).toBe("");
  });
});

const never = (): never => {
  throw new Error("the origin received nothing");
};
