/**
 * The MCP server over the SDK; besides the transport the only file that knows the SDK. The lists do
 * not depend on the peers, and initialize is answered from memory.
 */

import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { PeernetError } from "../../contract/errors.ts";
import { printable } from "../../contract/text/printable.ts";
import { instructions } from "./instructions.ts";
import { listedTools } from "./list.ts" with { type: "macro" };
import { askPrompt, peersResource } from "./offers.ts";
import type { Call, McpParts } from "./parts.ts";

/** The first call loads the tools: most servers are started only to be listed. */
const calling = async () => (await import("../tools.ts")).callTool;

/** Makes a server of one client, not yet connected. */
export function mcpServer(parts: McpParts): Server {
  const server = new Server(
    { name: "peernet", title: "peernet", version: parts.version.version },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions, jsonSchemaValidator },
  );
  const callOf = (signal: AbortSignal, meta: Readonly<Record<string, unknown>> = {}): Call => ({
    parts,
    client: server.getClientVersion()?.name ?? null,
    meta,
    signal,
  });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: listedTools() }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const callTool = await calling();
    const result = await callTool(params.name, params.arguments, callOf(signal, params._meta));
    if (result === null) throw unknown("tool", params.name);
    return { ...result };
  });
  offerPeers(server, callOf);
  offerPrompt(server);
  return server;
}

/**
 * The server sends its client no form, so it validates none; the SDK's own validator takes 3 ms to
 * load.
 */
const jsonSchemaValidator = {
  getValidator: (): never => {
    throw new McpError(ErrorCode.InternalError, "this server asks for no form");
  },
};

function offerPeers(server: Server, callOf: (signal: AbortSignal) => Call): void {
  server.setRequestHandler(ListResourcesRequestSchema, async () => ({
    resources: [peersResource],
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: [],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }, { signal }) => {
    const { uri, mimeType } = peersResource;
    if (params.uri !== uri) throw unknown("resource", params.uri);
    const callTool = await calling();
    const result = await callTool("list_peers", {}, callOf(signal));
    const text = result?.content[0]?.text ?? "";
    if (result?.isError === true) throw new McpError(ErrorCode.InternalError, text);
    return { contents: [{ uri, mimeType, text }] };
  });
}

function offerPrompt(server: Server): void {
  server.setRequestHandler(ListPromptsRequestSchema, async () => ({ prompts: [askPrompt] }));
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }) => {
    if (params.name !== askPrompt.name) throw unknown("prompt", params.name);
    const { askWords } = await import("./prompt.ts");
    const text = refusing(() => askWords(params.arguments));
    return { messages: [{ role: "user", content: { type: "text", text } }] };
  });
}

/** Turns a refusal into a protocol error, for requests without a result to hold it. */
function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof PeernetError)) throw cause;
    throw new McpError(ErrorCode.InvalidParams, printable(cause.message));
  }
}

/** The longest name that an error repeats. */
const repeatedMax = 64;

const unknown = (kind: string, name: string): McpError =>
  new McpError(
    ErrorCode.InvalidParams,
    `there is no ${kind} ${printable(name.slice(0, repeatedMax))}`,
  );
