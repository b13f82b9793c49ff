/** Clients that are slow, and replies that do not end: both are bounded. */

import { describe, expect } from "bun:test";
import { fakeClock, fakeTimers } from "../../../support/effects.ts";
import { skipUnless } from "../../../support/skip.ts";
import { until } from "../../../support/until.ts";
import {
  canSign,
  held,
  messages,
  modelAt,
  origin,
  post,
  question,
  raw,
  served,
} from "./support.ts";

const test = skipUnless(canSign, "certificates for the origin need openssl");

describe("serveEndpoint()", () => {
  for (const [name, text] of [
    ["head", "POST /v1/messages HTTP/1.1\r\na: b\r\n"],
    ["body", "POST /v1/messages HTTP/1.1\r\ncontent-length: 100\r\n\r\n{"],
  ] as const) {
    test(`ends a connection whose ${name} is not there after 30 s`, async () => {
      using model = origin();
      const timers = fakeTimers(fakeClock());
      using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 }, timers);
      const client = await raw(endpoint.path);
      let isEnded = false;
      void client.all.then(() => {
        isEnded = true;
      });
      client.write(text);
      await until("its time runs", () => timers.pending() === 1);
      await timers.advance(29_999);
      expect(isEnded).toBe(false);
      await timers.advance(1);
      expect(await client.all).toBe("");
      expect(model.received).toEqual([]);
    });
  }

  test("ends a reply after 20 minutes, and counts it at its most", async () => {
    using model = origin();
    const ended = Promise.withResolvers<unknown>();
    const usage = { input_tokens: 10, output_tokens: 1 };
    model.answer = () => held(messages(usage, null), ended.resolve);
    const timers = fakeTimers(fakeClock());
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 }, timers);
    const client = await raw(endpoint.path);
    client.write(post(question()));
    await until("the reply begins", () => client.text().includes("text_delta"));
    await timers.advance(1_200_000);
    await ended.promise;
    // A reply that was cut lacks its last chunk.
    expect(await client.all).not.toEndWith("0\r\n\r\n");
    expect(endpoint.used().usd).toBeCloseTo((10 * 4 + 1_000 * 20) / 1_000_000, 12);
  });

  test("keeps no more of a reply than its client takes", async () => {
    using model = origin();
    const bytes = new TextEncoder().encode(`: ${"x".repeat(65_534)}\n`);
    let sent = 0;
    model.answer = () =>
      new Response(
        new ReadableStream({
          pull: (control) => {
            sent += bytes.length;
            control.enqueue(bytes);
          },
        }),
        { headers: { "content-type": "text/event-stream" } },
      );
    using endpoint = served({ model: modelAt(model), hosts: [], usd: 1 });
    // A client that reads nothing: its kernel takes some hundred KiB.
    const child = Bun.spawn([process.execPath, "-e", deaf, endpoint.path, post(question())], {
      stdout: "ignore",
      stderr: "inherit",
    });
    await until("the origin waits", async () => {
      const before = sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return before > 0 && sent === before;
    });
    expect(sent).toBeLessThan(32 * 1_048_576);
    child.kill();
  });
});

const deaf = `
  const [path, text] = process.argv.slice(1);
  await Bun.connect({ unix: path, socket: { data() {}, open(s) { s.write(text); s.pause(); } } });
`;
