/** The MCP server of the built executable, with a client on its pipes. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { executable, type Home } from "../support/executable.ts";

/** Options of a server. */
export interface StartOptions {
  /** The client's own name. */
  readonly name?: string;
  /** Put over the home's own; null takes a variable away. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly cwd?: string;
  /** The command to run instead of the executable alone. */
  readonly command?: readonly string[];
}

/** A server, and the pipes to it. */
export interface Pipes extends AsyncDisposable {
  readonly pid: number;
  /** Its exit code, once it has ended; above 128 by a signal. */
  readonly ended: Promise<number>;
  /** Every message it has sent, in order. */
  readonly received: readonly Readonly<Record<string, unknown>>[];
  /** Hands on every message that comes from now on. */
  listen(take: (message: Readonly<Record<string, unknown>>) => void): void;
  /** Its output on stderr, once it has ended. */
  readonly complaints: Promise<string>;
  write(text: string | Uint8Array): void;
  /** Sends a message, and resolves to the reply with its id. */
  ask(message: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** Ends its input. */
  close(): void;
  kill(signal: NodeJS.Signals): void;
}

type Place = Pick<Home, "folder" | "environment">;

/** Starts a server in a home. */
export function pipes(place: Place, options: StartOptions = {}): Pipes {
  const changed = Object.entries({ ...place.environment, ...options.environment });
  const environment = changed.filter((each): each is [string, string] => each[1] !== null);
  const child = Bun.spawn([...(options.command ?? [executable, "mcp"])], {
    cwd: options.cwd ?? place.folder,
    env: Object.fromEntries(environment),
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const received: Readonly<Record<string, unknown>>[] = [];
  let listener: Parameters<Pipes["listen"]>[0] | null = null;
  const waiting = new Map<unknown, (answer: Readonly<Record<string, unknown>>) => void>();
  const read = lines(child.stdout, (line) => {
    const message = JSON.parse(line);
    received.push(message);
    if (message.method === undefined) waiting.get(message.id)?.(message);
    listener?.(message);
  });
  const write = (text: string | Uint8Array): void => {
    child.stdin.write(text);
    void child.stdin.flush();
  };
  const close = (): void => void child.stdin.end();
  return {
    pid: child.pid,
    ended: read.then(() => child.exited),
    received,
    listen: (take) => {
      listener = take;
    },
    complaints: new Response(child.stderr).text(),
    write,
    ask: (message) => {
      const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
      waiting.set(message.id, resolve);
      write(`${JSON.stringify(message)}\n`);
      return promise;
    },
    close,
    kill: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      close();
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

async function lines(stream: ReadableStream<Uint8Array>, take: (line: string) => void) {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const whole = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) take(line);
  }
}

/** The result of a tool. */
export interface Told {
  readonly isError: boolean;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** The result as it came over the wire. */
  readonly raw: string;
}

/** A client that has said hello. */
export interface Connected extends AsyncDisposable {
  readonly client: Client;
  readonly pipes: Pipes;
  /** Calls a tool; the SDK checks the answer against the tool's schema. */
  call(name: string, given?: Readonly<Record<string, unknown>>, meta?: object): Promise<Told>;
}

/** Connects the SDK's own client to a server in a home, and lists the tools. */
export async function connected(place: Place, options: StartOptions = {}): Promise<Connected> {
  const server = pipes(place, options);
  const client = new Client({ name: options.name ?? "test-client", version: "1.0.0" });
  const transport = {
    onmessage: undefined as ((message: JSONRPCMessage) => void) | undefined,
    onclose: undefined as (() => void) | undefined,
    start: async () => {
      // The server speaks JSON-RPC; the client checks each message itself.
      server.listen((message) => transport.onmessage?.(message as unknown as JSONRPCMessage));
      void server.ended.then(() => transport.onclose?.());
    },
    send: async (message: JSONRPCMessage) => server.write(`${JSON.stringify(message)}\n`),
    close: async () => {
      server.close();
      await server.ended;
    },
  };
  await client.connect(transport);
  await client.listTools();
  return {
    client,
    pipes: server,
    call: async (name, given = {}, meta) => {
      const params = {
        name,
        arguments: { ...given },
        ...(meta === undefined ? {} : { _meta: { ...meta } }),
      };
      const result = await client.callTool(params);
      return toldOf(result);
    },
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A result of a call, taken apart. */
export function toldOf(result: object): Told {
  const { isError = false, content, structuredContent } = Object(result);
  return {
    isError,
    text: content[0].text,
    facts: structuredContent,
    raw: JSON.stringify(result),
  };
}

/** The lines by which a client says hello. */
export const hello = (version = "2025-06-18", id: number | string = 0) => ({
  jsonrpc: "2.0",
  id,
  method: "initialize",
  params: {
    protocolVersion: version,
    capabilities: {},
    clientInfo: { name: "test-client", version: "1.0.0" },
  },
});

/** A request. */
export const request = (id: number | string, method: string, params: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});
