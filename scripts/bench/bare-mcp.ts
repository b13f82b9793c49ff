/** The comparator of the MCP server: an echo tool on the same SDK, as its guide writes one. */

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "bare", version: "0.1.0" });
const shape = { handle: z.string() };
const definition = { description: "Says it back.", inputSchema: shape, outputSchema: shape };
server.registerTool("echo", definition, async ({ handle }) => ({
  content: [{ type: "text", text: handle }],
  structuredContent: { handle },
}));
await server.connect(new StdioServerTransport());
