/**
 * A model that costs nothing: a loopback server that speaks the clients' model protocols. It gives
 * a test's scripted replies, and keeps the requests.
 */

import { anthropic } from "./model-anthropic.ts";
import { gemini } from "./model-gemini.ts";
import type { Heard, Language, Spoken } from "./model-language.ts";
import { chat, responses } from "./model-openai.ts";

/** A model's answer: a text, the call of a tool by the end of its name, or a failure. */
export type Reply =
  | { readonly say: string }
  | { readonly fail: number }
  | { readonly call: string; readonly with: Readonly<Record<string, unknown>> };

/** One turn that a client took with the model. */
export interface Turn extends Heard {
  /** The request's body. */
  readonly body: string;
}

/** A model that a test scripts. A tool that is not offered it searches for, as models do. */
export interface Model extends Disposable {
  readonly url: string;
  /** Each request in which the model was offered tools, the newest last. */
  readonly turns: readonly Turn[];
  /** Every request there was, by method and path. */
  readonly requests: readonly string[];
  /** Queues the next answers, one a turn; after them each answer is `done`. */
  next(...replies: readonly Reply[]): void;
  /** Answers by a rule before all queued answers; null leaves the turn to those. */
  by(rule: (turn: Turn) => Reply | null): void;
  /** Holds every turn's answer until the returned function is called. */
  hold(): () => void;
}

const languages: readonly Language[] = [anthropic, responses, chat, gemini];

/** Options of a model. */
export interface ModelOptions {
  /** Its certificate; it speaks without TLS unless given. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Called with each request and its body. */
  readonly onRequest?: (request: Request, body: string) => void;
}

/** Starts a model on loopback. */
export function model({ tls, onRequest = () => {} }: ModelOptions = {}): Model {
  const turns: Turn[] = [];
  const requests: string[] = [];
  const replies: Reply[] = [];
  let rule: Parameters<Model["by"]>[0] = () => null;
  let held = Promise.resolve();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    ...(tls === undefined ? {} : { tls }),
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      requests.push(`${request.method} ${path}`);
      const text = await request.text();
      onRequest(request, text);
      const language = languages.find((each) => each.path.test(path));
      if (language === undefined || request.method !== "POST") return other(path);
      const body: unknown = JSON.parse(text);
      const heard = language.hear(body);
      // A client asks for a title or a summary on the side, and offers no tools for that.
      if (heard.tools.length === 0) return language.speak(said("done"), { body, path });
      const turn = { ...heard, body: text };
      turns.push(turn);
      const ruled = rule(turn);
      const from = ruled === null ? replies : [ruled];
      const failure = failureOf(from);
      const spoken = failure ?? spokenOf(from, heard, turns.length);
      await held;
      if (spoken instanceof Response) return spoken;
      return language.speak(spoken, { body, path });
    },
  });
  return {
    url: tls === undefined ? `http://127.0.0.1:${server.port}` : `https://localhost:${server.port}`,
    turns,
    requests,
    next: (...more) => void replies.push(...more),
    by: (given) => {
      rule = given;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    [Symbol.dispose]: () => void server.stop(true),
  };
}

const said = (text: string): Spoken => ({ kind: "text", text });

/** The number of searches for an absent tool: its server may still be starting. */
const searchesMax = 20;

/** The failure that is next, as an HTTP answer; null when something else is. */
function failureOf(replies: Reply[]): Response | null {
  const [reply] = replies;
  if (reply === undefined || !("fail" in reply)) return null;
  replies.shift();
  const error = { type: "api_error", message: "the stub fails" };
  return Response.json({ type: "error", error }, { status: reply.fail });
}

function spokenOf(replies: Reply[], heard: Heard, turn: number): Spoken {
  const reply = replies[0];
  if (reply === undefined || "fail" in reply) return said("done");
  if ("say" in reply) {
    replies.shift();
    return said(reply.say);
  }
  const tool = heard.tools.find(({ name }) => name.endsWith(reply.call));
  if (tool !== undefined) {
    replies.shift();
    return { kind: "call", id: `call_${turn}`, tool, input: reply.with };
  }
  const search = heard.tools.find(({ name }) => name === "ToolSearch");
  const searches = heard.results.filter((result) => result.includes("tool_reference")).length;
  if (search === undefined || searches > searchesMax) {
    return said(`no tool ${reply.call} of ${heard.tools.map(({ name }) => name).join(" ")}`);
  }
  // A server that comes with a plugin is called after both.
  const names = ["mcp__peernet", "mcp__plugin_peernet_peernet"].map((at) => `${at}__${reply.call}`);
  const input = { query: `select:${names.join()}`, max_results: 1 };
  return { kind: "call", id: `call_${turn}`, tool: search, input };
}

/** The answers to clients' other requests. */
function other(path: string): Response {
  if (path.endsWith("/count_tokens")) return Response.json({ input_tokens: 1 });
  if (/countTokens$/.test(path)) return Response.json({ totalTokens: 1 });
  if (!path.endsWith("/models")) return new Response("", { status: 404 });
  const data = [{ id: "stub", object: "model", created: 1, owned_by: "stub" }];
  return Response.json({ object: "list", data, models: [] });
}
