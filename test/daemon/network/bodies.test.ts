/** Bodies that end where they say, and hold what they should not. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { type Machine, machine } from "../../support/daemon.ts";
import { codeOf, connectTo } from "../attack/connection.ts";

let on: Machine;
beforeAll(async () => {
  on = await machine("on");
});
afterAll(() => on[Symbol.asyncDispose]());

const json = "content-type: application/json\r\n";
const line = "POST /v1/window HTTP/1.1\r\nhost: peernet\r\n";

const bodies: Readonly<Record<string, readonly [string | Uint8Array, string, string]>> = {
  nothing: ["", json, "bad_request"],
  "half of it": ["{", json, "bad_request"],
  "two values": ["{}{}", json, "bad_request"],
  "a list": ["[]", json, "bad_request"],
  "deep lists": [`${"[".repeat(30_000)}${"]".repeat(30_000)}`, json, "bad_request"],
  "deep lists without an end": ["[".repeat(60_000), json, "bad_request"],
  NUL: ["{\u0000}", json, "bad_request"],
  "bytes that are no UTF-8": [Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), json, "bad_request"],
  gzip: [gzipSync("{}"), `${json}content-encoding: gzip\r\n`, "unsupported_media"],
  text: ["{}", "content-type: text/plain\r\n", "unsupported_media"],
  "a form": ["{}", "content-type: application/x-www-form-urlencoded\r\n", "unsupported_media"],
  parts: ["{}", "content-type: multipart/form-data; boundary=a\r\n", "unsupported_media"],
  "nearly JSON": ["{}", "content-type: application/jsonp\r\n", "unsupported_media"],
  "no type": ["{}", "", "unsupported_media"],
};

describe("a body that is not what a row takes is refused:", () => {
  for (const [name, [body, headers, code]] of Object.entries(bodies)) {
    test(name, async () => {
      using connection = await connectTo(on.address);
      const bytes = typeof body === "string" ? Buffer.from(body) : body;
      connection.write(`${line}${headers}content-length: ${bytes.length}\r\n\r\n`);
      connection.write(bytes);
      const reply = await connection.reply();
      expect([codeOf(reply), reply?.status]).toEqual([code, code === "bad_request" ? 400 : 415]);
      expect((await connection.post("window", {}))?.body).toBe('{"open":false}');
    });
  }

  const harmless = {
    "names of an object's prototype": '{"__proto__":{"open":true},"constructor":{"open":true}}',
    "deep objects in a field that no row has": `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
    "a name a hundred times": `{${'"open":true,'.repeat(100)}"open":true}`,
  };
  for (const [name, body] of Object.entries(harmless)) {
    test(`not so ${name}, which change nothing`, async () => {
      using connection = await connectTo(on.address);
      expect((await connection.post("window", body))?.body).toBe('{"open":false}');
      expect("open" in {}).toBe(false);
    });
  }
});
