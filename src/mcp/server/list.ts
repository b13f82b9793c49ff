/**
 * The tools as a client lists them, generated from the contract's rows. Runs when the program is
 * built: a server that is only started and listed loads no schema.
 */

import type { Tool as ListedTool } from "@modelcontextprotocol/sdk/types.js";
import { ToolError, tools } from "../../contract/mcp.ts";
import { jsonSchema } from "../../contract/operation/json-schema.ts";
import type { Tool } from "../../contract/operation/tool.ts";

/** Every tool with its schemas. */
export function listedTools(): ListedTool[] {
  return Object.entries<Tool>(tools).map(([name, tool]) => ({
    name,
    title: tool.title,
    description: tool.summary,
    inputSchema: { type: "object" as const, ...jsonSchema(tool.input, "draft-2020-12") },
    outputSchema: outputSchema(tool),
    annotations: { title: tool.title, ...tool.annotations },
    ...(tool.alwaysLoad === true ? { _meta: { "anthropic/alwaysLoad": true } } : {}),
  }));
}

/** A client validates every result by this schema, including errors. */
const outputSchema = ({ output }: Tool): { type: "object" } => ({
  type: "object",
  ...{ anyOf: [jsonSchema(output, "draft-2020-12"), jsonSchema(ToolError, "draft-2020-12")] },
});
