/** Turns a tool's output into a result for a model: the same facts as text and as data. */

import { PeernetError } from "../contract/errors.ts";
import type { Step } from "../contract/mcp.ts";
import { printable } from "../contract/text/printable.ts";
import type { McpParts } from "./server/parts.ts";
import { cleaned, type Facts, textOf } from "./text.ts";

/** The result of a call, in the protocol's form. */
export interface Result {
  readonly content: { readonly type: "text"; readonly text: string }[];
  readonly structuredContent: Record<string, unknown>;
  readonly isError?: true;
}

/** The result of a tool that succeeded. */
export function resultOf(facts: Facts, parts: Pick<McpParts, "nonce">): Result {
  const structuredContent = cleanFacts(facts);
  const content = [{ type: "text" as const, text: textOf(structuredContent, parts.nonce()) }];
  return { content, structuredContent };
}

/**
 * The result of reading messages: the same JSON twice. JSON is the fence: a text cannot end the
 * string that holds it. The lines of a text stay apart.
 */
export function messagesResult(facts: Facts): Result {
  const messages = Array.isArray(facts.messages) ? facts.messages : [];
  const told = messages.map((each) => ({ ...cleanFacts(each), text: cleanLines(each.text) }));
  const structuredContent = { ...cleanFacts({ ...facts, messages: [] }), messages: told };
  return {
    content: [{ type: "text", text: JSON.stringify(structuredContent) }],
    structuredContent,
  };
}

/** A text of several lines, each of allowed characters. */
const cleanLines = (text: unknown): string => String(text).split(/\r?\n/).map(printable).join("\n");

/**
 * The result of a tool that was refused or failed: the reason, and the one action that mends it.
 */
export function failure(cause: unknown, parts: Pick<McpParts, "nonce">): Result {
  const error = cause instanceof PeernetError ? cause : internal(cause);
  const { code, hint, details } = error;
  const isTheirs = details?.live !== undefined || details?.peers !== undefined;
  const told = cleanFacts({
    code,
    message: error.message,
    hint: details?.live !== undefined ? theirHint : sentenceOf(stepOf("", hint)),
    ...(details === undefined ? {} : { details }),
  });
  const { message, ...rest } = told;
  const facts = { message: `error: ${message}`, ...rest, ...(isTheirs ? { untrusted } : {}) };
  const text = textOf(facts, parts.nonce());
  return { content: [{ type: "text", text }], structuredContent: { error: told }, isError: true };
}

/** Details with names that other machines chose. */
const untrusted = ["details.live", "details.peers"];
const theirHint = "choose one of those in details, or call the tool list_peers";

function internal(cause: unknown): PeernetError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new PeernetError("internal", { message: `something inside peernet failed: ${reason}` });
}

/** The commands that a session can replace by a tool. */
const byTool: readonly (readonly [RegExp, string])[] = [
  [/^peernet activate$/, "call the tool activate_session"],
  [/^peernet activate ([a-z0-9-]+)$/, "call the tool activate_session with the name $1"],
  [/^peernet status$/, "call the tool peernet_status"],
  [/^peernet peers$/, "call the tool list_peers"],
];

/** The next step for a model that reads the hint in a session. */
export function stepOf(missing: string, hint: string): Step {
  const tool = byTool.find(([command]) => command.test(hint));
  if (tool !== undefined) {
    return { missing, who: "session", action: hint.replace(tool[0], tool[1]) };
  }
  const who = /(^|: )(peernet|tailscale|chmod) /.test(hint) ? "person" : "session";
  return { missing, who, action: hint };
}

const sentenceOf = ({ who, action }: Step): string =>
  who === "person" && action.startsWith("peernet ")
    ? `a person types in a terminal: ${action}`
    : action;

function cleanFacts(facts: Facts): Record<string, unknown> {
  // Cleaning changes strings only: an object stays an object.
  return cleaned(facts) as Record<string, unknown>;
}
