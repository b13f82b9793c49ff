/** The tools that the MCP server lists. */

import { tools } from "../../src/contract/mcp.ts";

/** Their number. */
export const toolCount = Object.keys(tools).length;
