/** The endpoint's meter: what a task pays for, also where its client hides the usage. */

import { describe, expect } from "bun:test";
import { gzipSync } from "node:zlib";
import { skipUnless } from "../../../support/skip.ts";
import { until } from "../../../support/until.ts";
import {
  answerTo,
  canSign,
  held,
  messages,
  modelAt,
  type Origin,
  origin,
  post,
  question,
  raw,
  served,
  statusOf,
  streamed,
} from "./support.ts";

const test = skipUnless(canSign, "certificates for the origin need openssl");

/** Dollars of a reply at Opus's prices. */
const dollars = (input: number, output: number): number => (input * 4 + output * 20) / 1_000_000;

const withUsd = (model: Origin, usd: number | null) =>
  served({ model: modelAt(model), hosts: [], usd });

const promise =
  "P82: A task gets no further reply once its dollars are spent, and a reply whose usage was not " +
  "seen counts at the most that its request allows.";

describe(promise, () => {
  test("adds up the usage of streamed and of whole replies", async () => {
    using model = origin();
    using endpoint = withUsd(model, 5);
    await answerTo(endpoint.path, post(question()));
    expect(endpoint.used().usd).toBeCloseTo(dollars(10, 5), 12);
    model.answer = () => Response.json({ usage: { input_tokens: 1_000, output_tokens: 100 } });
    await answerTo(endpoint.path, post(question({ stream: false })));
    expect(endpoint.used().usd).toBeCloseTo(dollars(1_010, 105), 12);
  });

  test("prices each kind of cached token", async () => {
    using model = origin();
    const usage = {
      ...{ input_tokens: 100, output_tokens: 0, cache_read_input_tokens: 1_000 },
      ...{ cache_creation_input_tokens: 500 },
      cache_creation: { ephemeral_1h_input_tokens: 200 },
    };
    model.answer = () => streamed(messages(usage, { output_tokens: 10 }));
    using endpoint = withUsd(model, 5);
    await answerTo(endpoint.path, post(question()));
    const micros = 100 * 4 + 1_000 * 0.2 + 300 * 5 + 200 * 8 + 10 * 20;
    expect(endpoint.used().usd).toBeCloseTo(micros / 1_000_000, 12);
  });

  test("prices a long prompt by its own factors", async () => {
    using model = origin();
    model.answer = () => streamed(messages({ input_tokens: 100_001, output_tokens: 0 }));
    using endpoint = withUsd(model, 5);
    await answerTo(endpoint.path, post(question({ model: "claude-haiku-5-5" })));
    expect(endpoint.used().usd).toBeCloseTo((100_001 * 0.1 * 5) / 1_000_000, 12);
  });

  test("reads the usage of a compressed reply", async () => {
    using model = origin();
    model.answer = () =>
      new Response(gzipSync(messages({ input_tokens: 7, output_tokens: 3 })), {
        headers: { "content-type": "text/event-stream", "content-encoding": "gzip" },
      });
    using endpoint = withUsd(model, 5);
    const answer = await answerTo(endpoint.path, post(question()));
    expect(answer).toContain("text_delta");
    expect(answer).not.toContain("content-encoding");
    expect(endpoint.used().usd).toBeCloseTo(dollars(7, 3), 12);
  });

  test("counts the most that a request allows when its client leaves first", async () => {
    using model = origin();
    const ended = Promise.withResolvers<unknown>();
    model.answer = () =>
      held(messages({ input_tokens: 10, output_tokens: 1 }, null), ended.resolve);
    using endpoint = withUsd(model, 5);
    const client = await raw(endpoint.path);
    client.write(post(question()));
    await until("the reply begins", () => client.text().includes("text_delta"));
    client.end();
    // Then nothing more is paid for.
    await ended.promise;
    await until("it is settled", () => endpoint.used().usd <= dollars(10, 1_000) + 1e-12);
    expect(endpoint.used().usd).toBeCloseTo(dollars(10, 1_000), 12);
  });

  test("counts the most when a client leaves before a reply begins", async () => {
    using model = origin();
    const asked = Promise.withResolvers<void>();
    model.answer = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    using endpoint = withUsd(model, 5);
    const client = await raw(endpoint.path);
    client.write(post(question()));
    await asked.promise;
    client.end();
    const tokens = Math.ceil(question().length / 2);
    const most = (tokens * 5 + 1_000 * 20) / 1_000_000;
    await until("it was given up", () => model.received[0]?.signal.aborted === true);
    // A request under way counts at its most too: the answer to a later one comes after its end.
    model.answer = () => Response.json({ type: "error" }, { status: 529 });
    await answerTo(endpoint.path, post(question()));
    expect(endpoint.used().usd).toBeCloseTo(most, 12);
  });

  test("counts the most for a reply without usage, and for events that are no JSON", async () => {
    using model = origin();
    using endpoint = withUsd(model, 5);
    const tokens = Math.ceil(question().length / 2);
    const most = (tokens * 5 + 1_000 * 20) / 1_000_000;
    for (const [times, text] of [
      [1, 'data: {"type":"message_stop"}\n\n'],
      [2, 'data: {"type":"message_delta","usage":{"output_tokens":\n\n'],
    ] as const) {
      model.answer = () => streamed(text);
      await answerTo(endpoint.path, post(question()));
      expect(endpoint.used().usd).toBeCloseTo(times * most, 12);
    }
  });

  test("counts nothing for a request that the model refused", async () => {
    using model = origin();
    model.answer = () => Response.json({ type: "error" }, { status: 529 });
    using endpoint = withUsd(model, 5);
    expect(statusOf(await answerTo(endpoint.path, post(question())))).toBe(529);
    expect(endpoint.used().usd).toBe(0);
  });

  test("limits a reply to the output that the remainder pays for", async () => {
    using model = origin();
    using endpoint = withUsd(model, 0.2);
    await answerTo(endpoint.path, post(question({ max_tokens: 128_000 })));
    const sent = JSON.parse(model.received[0]?.body ?? "{}").max_tokens;
    expect(sent).toBeGreaterThan(9_000);
    expect(sent * 20).toBeLessThanOrEqual(200_000);
  });

  test("asks for no more output than the manifest allows, also where none is named", async () => {
    using model = origin();
    using endpoint = withUsd(model, null);
    for (const asked of [128_000, undefined, 0, -1, "9", 1.5]) {
      await answerTo(endpoint.path, post(question({ max_tokens: asked })));
      expect(JSON.parse(model.received.at(-1)?.body ?? "{}").max_tokens).toBe(32_000);
    }
  });

  test("answers 429 and ends as over budget once the sum is reached", async () => {
    using model = origin();
    model.answer = ({ body }) => {
      const { max_tokens: most } = JSON.parse(body);
      return streamed(messages({ input_tokens: 10, output_tokens: Math.min(9_000, most) }));
    };
    using endpoint = withUsd(model, 0.5);
    let isOver = false;
    void endpoint.isOverBudget.then(() => {
      isOver = true;
    });
    const statuses: number[] = [];
    for (let call = 0; call < 6; call += 1) {
      const text = await answerTo(endpoint.path, post(question({ max_tokens: 32_000 })));
      statuses.push(statusOf(text));
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
    expect(isOver).toBe(true);
    expect(endpoint.used().usd).toBeLessThanOrEqual(0.5);
    expect(endpoint.used().refused).toEqual(["over budget"]);
    expect(model.received).toHaveLength(3);
  });

  test("admits four requests at once, and never more than the remainder pays for", async () => {
    using model = origin();
    let open = 0;
    let most = 0;
    model.answer = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 20));
      open -= 1;
      return streamed(messages({ input_tokens: 10, output_tokens: 100 }));
    };
    using endpoint = withUsd(model, 5);
    const all = Array.from({ length: 16 }, () => answerTo(endpoint.path, post(question())));
    expect((await Promise.all(all)).map(statusOf)).toEqual(Array.from({ length: 16 }, () => 200));
    expect(most).toBe(4);
    using poor = withUsd(model, 0.15);
    const wide = post(question({ max_tokens: 6_000 }));
    open = 0;
    most = 0;
    await Promise.all(Array.from({ length: 4 }, () => answerTo(poor.path, wide)));
    expect(most).toBe(1);
  });

  test("counts what is under way at its most until it has ended", async () => {
    using model = origin();
    model.answer = () => new Promise(() => {});
    using endpoint = withUsd(model, 5);
    const client = await raw(endpoint.path);
    client.write(post(question()));
    await until("it is counted", () => endpoint.used().usd > 0);
    expect(endpoint.used().usd).toBeGreaterThanOrEqual(dollars(0, 1_000));
  });

  test("counts OpenAI's replies, cached tokens apart", async () => {
    using model = origin();
    const usage = {
      ...{ input_tokens: 1_000, output_tokens: 50, total_tokens: 1_050 },
      input_tokens_details: { cached_tokens: 600 },
    };
    const event = { type: "response.completed", response: { usage } };
    model.answer = () => streamed(`data: ${JSON.stringify(event)}\n\n`);
    using endpoint = served({ model: modelAt(model, "codex"), hosts: [], usd: 5 });
    const input = [{ type: "message", role: "user", content: [{ type: "input_text", text: "x" }] }];
    const body = JSON.stringify({ model: "gpt-6.1-sol", stream: true, store: false, input });
    const answer = await answerTo(endpoint.path, post(body, { target: "/v1/responses" }));
    expect(statusOf(answer)).toBe(200);
    expect(endpoint.used().usd).toBeCloseTo((400 * 2.5 + 600 * 0.2 + 50 * 10) / 1_000_000, 12);
    expect(model.received[0]?.headers.get("authorization")).toStartWith("Bearer sk-real");
    expect(JSON.parse(model.received[0]?.body ?? "{}").max_output_tokens).toBe(32_000);
  });
});
