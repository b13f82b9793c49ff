/** Serves MCP on two streams until the client ends its input. Reads no file. */

import { type Lines, lineTransport } from "./server/lines.ts";
import type { McpParts } from "./server/parts.ts";
import { mcpServer } from "./server/server.ts";

/** Serves one client; resolves to the exit code. A client's start alone takes no handle. */
export async function serve(parts: McpParts, lines: Lines): Promise<number> {
  const transport = lineTransport(lines);
  await mcpServer(parts).connect(transport);
  await transport.ended;
  return 0;
}
