/** Bodies that a model's own servers would act upon: each is a way out, and is refused by name. */

import { describe, expect, test } from "bun:test";
import { judgeBody } from "../../../../src/keeper/tasks/endpoint/body.ts";
import { ours } from "./support.ts";

const claude = ours("claude-code").endpoint;
const codex = ours("codex").endpoint;

const bytes = (value: unknown): Uint8Array =>
  value instanceof Uint8Array
    ? value
    : new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

const say = (...content: readonly object[]) => ({
  ...{ model: "claude-opus-5-5", max_tokens: 10 },
  messages: [{ role: "user", content }],
});
const item = (...input: readonly object[]) => ({ model: "gpt-6.1-sol", input });
const text = { type: "text", text: "hello" };

/** The part that refuses a body; null when it passes. */
function misfit(body: unknown, rules: typeof claude = claude): string | null {
  const judged = judgeBody(rules, bytes(body));
  return "misfit" in judged ? judged.misfit : null;
}

describe("judgeBody()", () => {
  test("lets a conversation with the client's own tools pass", () => {
    const schema = { type: "object", properties: { url: { type: "string", format: "uri" } } };
    const body = {
      ...say(
        text,
        { type: "tool_use", id: "1", name: "Fetch", input: { url: "https://x", type: "odd" } },
        { type: "tool_result", tool_use_id: "1", content: [text] },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
      ),
      tools: [{ name: "Fetch", description: "d", input_schema: schema }],
      system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }],
    };
    expect(misfit(body)).toBeNull();
  });

  const hostile: readonly (readonly [string, unknown, string])[] = [
    [
      "an image that the model's server would fetch",
      say({ type: "image", source: { type: "url", url: "https://evil.example/?secret" } }),
      "type url",
    ],
    [
      "a document that it would fetch",
      say({ type: "document", source: { type: "url", url: "https://evil.example" } }),
      "type document",
    ],
    ["a file of the account", say({ type: "image", source: { type: "file" } }), "type file"],
    ["a URL without a type", say({ type: "text", text: "x", url: "https://evil" }), "key url"],
    ["a file by its id", say({ type: "text", text: "x", file_id: "file_1" }), "key file_id"],
    [
      "a picture hidden in a tool's result",
      say({
        ...{ type: "tool_result", tool_use_id: "1" },
        content: [{ type: "image", source: { type: "url", url: "https://evil.example" } }],
      }),
      "type url",
    ],
    ["a search by the server", { ...say(text), tools: [{ type: "web_search_20250305" }] }, "tool"],
    ["a fetch by the server", { ...say(text), tools: [{ type: "web_fetch_20250910" }] }, "tool"],
    ["code on the server", { ...say(text), tools: [{ type: "code_execution_20250825" }] }, "tool"],
    ["servers of others", { ...say(text), mcp_servers: [{ url: "https://evil" }] }, "mcp_servers"],
    ["a container", { ...say(text), container: "c" }, "key container"],
    ["a dearer speed", { ...say(text), speed: "fast" }, "key speed"],
    ["a dearer tier", { ...say(text), service_tier: "priority" }, "key service_tier"],
    ["a model without a price", { ...say(text), model: "claude-opus-99" }, "model claude-opus-99"],
    ["a fast model", { ...say(text), model: "claude-opus-5-5-fast" }, "model"],
    ["no model", { messages: [] }, "model of no text"],
    ["a list", [], "no JSON object"],
    ["no JSON", "{", "no JSON object"],
    ["bytes that are no text", Uint8Array.of(0x22, 0xff, 0x22), "no JSON object"],
    ["a prototype", '{"__proto__":{"model":"claude-opus-5-5"},"messages":[]}', "key __proto__"],
    ["nesting without end", `{"model":"claude-opus-5-5","messages":${nested(100)}}`, "nesting"],
  ];
  for (const [name, body, why] of hostile) {
    test(`refuses ${name}`, () => {
      expect(misfit(body)).toContain(why);
    });
  }

  const hostileItems: readonly (readonly [string, unknown, string])[] = [
    [
      "an image that the model's server would fetch",
      item({
        ...{ type: "message", role: "user" },
        content: [{ type: "input_image", image_url: "https://evil.example/?secret" }],
      }),
      "key image_url",
    ],
    [
      "a file that it would fetch",
      item({ type: "input_file", file_url: "https://evil.example" }),
      "type input_file",
    ],
    [
      "a server of others among the tools of a conversation",
      item({
        type: "additional_tools",
        tools: [{ type: "namespace", tools: [{ type: "mcp", server_url: "https://evil" }] }],
      }),
      "tool mcp",
    ],
    ["a search", { ...item(), tools: [{ type: "web_search" }] }, "tool web_search"],
    ["an earlier reply", { ...item(), previous_response_id: "r" }, "key previous_response_id"],
    ["a reply in the background", { ...item(), background: true }, "key background"],
    ["a reply that is kept", { ...item(), store: true }, "store"],
    ["a dearer tier", { ...item(), service_tier: "priority" }, "key service_tier"],
  ];
  for (const [name, body, why] of hostileItems) {
    test(`refuses ${name} of OpenAI`, () => {
      expect(misfit(body, codex)).toContain(why);
    });
  }

  test("lets an image of OpenAI pass that is in the request itself", () => {
    const image = { type: "input_image", image_url: "data:image/png;base64,AAAA" };
    expect(misfit(item({ type: "message", role: "user", content: [image] }), codex)).toBeNull();
  });

  test("counts text by its bytes, and an image by its most", () => {
    const ascii = judgeBody(claude, bytes(say({ type: "text", text: "a".repeat(2_000) })));
    const others = judgeBody(claude, bytes(say({ type: "text", text: "\u00e4".repeat(1_000) })));
    const data = "A".repeat(100_000);
    const source = { type: "base64", media_type: "image/png", data };
    const image = judgeBody(claude, bytes(say({ type: "image", source })));
    const tokens = [ascii, others, image].map((each) => ("tokens" in each ? each.tokens : 0));
    const [few = 0, many = 0, ofImage = 0] = tokens;
    expect(few).toBeGreaterThanOrEqual(1_000);
    expect(few).toBeLessThan(1_200);
    expect(many).toBeGreaterThanOrEqual(2_000);
    expect(ofImage).toBeGreaterThanOrEqual(10_000);
    expect(ofImage).toBeLessThan(10_200);
  });

  test("takes a model with the date of its release", () => {
    expect(misfit({ ...say(text), model: "claude-opus-5-5-20260915" })).toBeNull();
    expect(misfit({ ...item(), model: "gpt-6.1-sol-2026-09-29" }, codex)).toBeNull();
  });
});

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}
