/** A model's origin over TLS on loopback, and raw clients of an endpoint's socket. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../../../src/contract/tasks/manifest.ts";
import type { EndpointPlan, ModelPlan } from "../../../../src/keeper/tasks/endpoint/plan.ts";
import { type Endpoint, serveEndpoint } from "../../../../src/keeper/tasks/endpoint/serve.ts";
import { manifestOf } from "../../../../src/keeper/tasks/runner/manifests.ts";
import { timers } from "../../../../src/platform/clock/timers.ts";
import type { Timers } from "../../../../src/platform/effects.ts";
import { hasProgram } from "../../../support/skip.ts";

export const canSign = hasProgram("openssl");

/** The credential of the tests' endpoints. */
export const key = "sk-real-0123456789abcdefghij";

/** A certificate for localhost, and its key. */
export function certificateIn(folder: string): { readonly cert: string; readonly key: string } {
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "ca.pem")];
  const made = Bun.spawnSync([
    ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext"],
    ...["subjectAltName=DNS:localhost", "-keyout", keyFile, "-out", certFile],
  ]);
  if (!made.success) throw new Error(`openssl: ${made.stderr}`);
  return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
}

/** One request as the origin received it. */
export interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
  /** Aborted once the endpoint has given the request up. */
  readonly signal: AbortSignal;
}

/** An origin that answers by a test's rule, and keeps the requests. */
export interface Origin extends Disposable {
  readonly url: string;
  readonly cert: string;
  readonly received: Received[];
  answer: (received: Received) => Response | Promise<Response>;
}

/** A manifest of ours. */
export function ours(name: string): Manifest {
  const found = manifestOf({ readTrusted: () => null }, name);
  if (!found.ok) throw new Error(found.detail);
  return found.manifest;
}

/** The events of a reply of the Messages API with this usage. */
export const messages = (usage: object, end: object | null = usage): string =>
  [
    { type: "message_start", message: { usage } },
    { type: "content_block_delta", delta: { type: "text_delta", text: "hello" } },
    ...(end === null ? [] : [{ type: "message_delta", delta: {}, usage: end }]),
    ...(end === null ? [] : [{ type: "message_stop" }]),
  ]
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");

const stream = { headers: { "content-type": "text/event-stream" } };

/** A streamed reply. */
export const streamed = (text: string): Response => new Response(text, stream);

/** A streamed reply whose bytes a test gives; the origin sees its end by the signal. */
export function held(first: string, ended: (why: unknown) => void): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (control) => control.enqueue(new TextEncoder().encode(first)),
    cancel: ended,
  });
  return new Response(body, stream);
}

/** Starts an origin on loopback. */
export function origin(): Origin {
  const folder = mkdtempSync(join(tmpdir(), "peernet-origin-"));
  const { cert, key: privateKey } = certificateIn(folder);
  const received: Received[] = [];
  const server = Bun.serve({
    ...{ hostname: "127.0.0.1", port: 0, idleTimeout: 0, tls: { cert, key: privateKey } },
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers, signal } = request;
      const body = await request.text();
      const one = { method, target: pathname + search, headers, body, signal };
      received.push(one);
      return made.answer(one);
    },
  });
  const made: Origin = {
    url: `https://localhost:${server.port}`,
    ...{ cert, received },
    answer: () => streamed(messages({ input_tokens: 10, output_tokens: 5 })),
    [Symbol.dispose]: () => {
      void server.stop(true);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return made;
}

/** The plan of a model at an origin, by a manifest of ours. */
export function modelAt({ url, cert }: Pick<Origin, "url" | "cert">, name = "claude-code") {
  const model: ModelPlan = {
    ...{ ...ours(name).endpoint, origin: url, authorities: cert },
    key: () => key,
  };
  return model;
}

/** An endpoint that serves at a socket of its own. */
export interface Served extends Endpoint, Disposable {
  readonly path: string;
}

/** Serves a plan, by the real timers unless a test moves its own. */
export function served(plan: EndpointPlan, by: Timers = timers): Served {
  const folder = mkdtempSync(join(tmpdir(), "peernet-endpoint-"));
  const path = join(folder, "model.sock");
  const endpoint = serveEndpoint(plan, path, by);
  return {
    ...{ ...endpoint, path },
    [Symbol.dispose]: () => {
      endpoint.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A raw connection to a socket. */
export interface Raw {
  write(text: string | Uint8Array): void;
  /** All bytes until the other end closes. */
  readonly all: Promise<string>;
  /** The bytes until now. */
  text(): string;
  end(): void;
}

/** Connects to a socket. */
export async function raw(path: string): Promise<Raw> {
  const ended = Promise.withResolvers<string>();
  let text = "";
  let waiting = new Uint8Array(0);
  const decoder = new TextDecoder("latin1");
  const flush = (socket: { write(bytes: Uint8Array): number }): void => {
    const written = waiting.length === 0 ? 0 : socket.write(waiting);
    waiting = waiting.slice(Math.max(0, written));
  };
  const socket = await Bun.connect({
    unix: path,
    socket: {
      data: (_socket, bytes) => {
        text += decoder.decode(bytes);
      },
      drain: flush,
      close: () => ended.resolve(text),
      error: () => ended.resolve(text),
    },
  });
  return {
    all: ended.promise,
    text: () => text,
    write: (more) => {
      const bytes = typeof more === "string" ? new TextEncoder().encode(more) : more;
      waiting = Buffer.concat([waiting, bytes]);
      flush(socket);
    },
    end: () => void socket.end(),
  };
}

/** The body of a small request for a model. */
export const question = (more: object = {}): string =>
  JSON.stringify({
    ...{ model: "claude-opus-5-5", max_tokens: 1_000, stream: true },
    messages: [{ role: "user", content: [{ type: "text", text: "hello" }] }],
    ...more,
  });

/** The text of a request. */
export function post(
  body: string,
  { target = "/v1/messages", headers = "" }: { target?: string; headers?: string } = {},
): string {
  const length = new TextEncoder().encode(body).length;
  return `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n${headers}\r\n${body}`;
}

/** Sends bytes, and resolves to all of the answer. */
export async function answerTo(path: string, text: string | Uint8Array): Promise<string> {
  const socket = await raw(path);
  socket.write(text);
  return socket.all;
}

/** The status of an answer; 0 for none. */
export const statusOf = (answer: string): number =>
  Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
