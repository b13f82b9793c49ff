/**
 * Writes the references that are made from the source: errors, the control API, the wire, the
 * command line, the MCP server. usage: document.ts [FOLDER], by default docs/. The same source
 * gives the same bytes, so that a check can tell when a reference is out of date.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../src/cli/commands.ts";
import { comingFrom } from "../src/cli/help/coming-from.ts";
import { reference } from "../src/cli/help/reference.ts";
import { control } from "../src/contract/control.ts";
import { type ErrorCode, errorTable } from "../src/contract/errors.ts";
import { jsonSchema } from "../src/contract/operation/json-schema.ts";
import { PolicyDocument } from "../src/contract/policy/document.ts";
import { controlInfo, openapi } from "../src/daemon/api/openapi.ts";
import { instructions } from "../src/mcp/server/instructions.ts";
import { listedTools } from "../src/mcp/server/list.ts";
import { askPrompt, peersResource } from "../src/mcp/server/offers.ts";
import { dependencies } from "./dependencies.ts";
import { truth } from "./truth.ts";
import { wireReference } from "./wire-reference.ts";

/** The content of `details`, for the errors that have any. */
const details: Partial<Record<ErrorCode, string>> = {
  handle_unknown: "`live`: the handles that are",
  window_several: "`candidates`: name, address and fingerprint of each",
  code_rejected: "`attempts_left`",
  code_burned: "`attempts_left`: 0; `peernet pair --open` itself exits 4",
  certificate_unusable:
    "`reason`: `expired`, `not_yet_valid`, `not_for_servers`, `not_self_issued`",
  origin_unverified: "`reason`",
  rate_limited: "`retry_after_ms`, from a paired machine",
  version_unsupported: "`status`: the HTTP status of a refusal by a code that is not known",
  peer_unreachable: "`last_seen_at_ms`",
  policy_invalid: "`line` of policy.toml",
  policy_refused: "`refs` that may be read",
  too_large: "`bytes` of the file",
  not_ready: "`missing`: `keeper`",
};

const code = (text: string): string => `\`${text}\``;
const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const made = "Made by scripts/document.ts from the source; edited there.";

function errors(): string {
  const rows = Object.entries(errorTable).map(([name, error]) =>
    row(
      code(name),
      error.status === null ? "–" : String(error.status),
      String(error.exit),
      error.retry ? "yes" : "no",
      error.message,
      error.hint,
      details[name as ErrorCode] ?? "", // Keys of the table are its codes.
    ),
  );
  return [
    "# Errors",
    made,
    "Each error has a code, which stays, and a message and one hint, which may be worded better " +
      "where more is known. HTTP is the status on the control and the peer API, – where the " +
      "error is one of the command line alone; exit is the command line's. Retry: the same call " +
      "may succeed later.",
    [
      row("code", "HTTP", "exit", "retry", "message", "hint", "details"),
      row(...Array.from({ length: 7 }, () => "---")),
      ...rows,
    ].join("\n"),
  ].join("\n\n");
}

interface Arguments {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

/** A tool's arguments, each with its description. */
function argumentsOf({ inputSchema }: { readonly inputSchema: unknown }): string {
  // It was made by the contract's own writer of JSON Schema.
  const { properties = {}, required = [] } = inputSchema as Arguments;
  const all = Object.entries(properties).map(([name, { description = "" }]) => {
    const optional = required.includes(name) ? "" : " (optional)";
    return `${code(name)}${optional}: ${description}`;
  });
  return all.join("<br>") || "none";
}

function mcpReference(): string {
  const rows = listedTools().map((tool) => {
    const changes = tool.annotations?.readOnlyHint === true ? "no" : "this session's handle";
    return row(code(tool.name), tool.description ?? "", argumentsOf(tool), changes);
  });
  const head = [row("tool", "does", "arguments", "changes"), row("---", "---", "---", "---")];
  return [
    "# The MCP server",
    made,
    "`peernet mcp` speaks the Model Context Protocol on stdio. `peernet setup` registers it; by " +
      "hand: `claude mcp add --scope user peernet -- /path/to/peernet mcp`. A result is the same " +
      "facts twice, as text and as `structuredContent`; what a session on another machine wrote " +
      "is named in `untrusted`, and fenced in the text. An error is a result too: a code, a " +
      "message and one hint. No tool opens a pairing window, sees a code or takes one.",
    [...head, ...rows].join("\n"),
    `Resource ${code(peersResource.uri)}: ${peersResource.description} Prompt ` +
      `${code(askPrompt.name)}: ${askPrompt.description}`,
    "What a model is told before it calls anything:",
    instructions
      .split("\n")
      .map((line) => `> ${line}`)
      .join("\n>\n"),
  ].join("\n\n");
}

function controlDocument(): string {
  return JSON.stringify(openapi(control, controlInfo), null, 2);
}

/** The form of policy.toml, for an editor that reads schemas. */
const policySchema = () => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "peernet policy.toml",
  ...jsonSchema(PolicyDocument, "draft-2020-12"),
});

const folder = process.argv[2] ?? join(import.meta.dir, "../docs");
mkdirSync(folder, { recursive: true });
const documents = {
  "errors.md": errors(),
  "wire.md": wireReference(made),
  "openapi.json": controlDocument(),
  "commands.md": await reference(commands),
  "coming-from.md": comingFrom(made),
  "dependencies.md": dependencies(made),
  "mcp.md": mcpReference(),
  "truth.md": truth(made),
  "policy.schema.json": JSON.stringify(policySchema(), null, 2),
};
for (const [name, text] of Object.entries(documents)) {
  writeFileSync(join(folder, name), `${text.trimEnd()}\n`);
}
