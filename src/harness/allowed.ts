/**
 * The tools of peernet that Claude Code runs without asking its user, in the text of its settings.
 * Texts in, texts out; leaves every other rule as it is.
 */

import { isObject, readJson, valueAt, withAppended, withValue } from "./jsonc.ts";

/** The tools that setup may let Claude Code run unasked. */
export const allowableTools = ["read_messages", "message_peer"] as const;
export type AllowableTool = (typeof allowableTools)[number];

/** The tools that setup proposes: reading sends nothing, and a woken session has nobody to ask. */
export const proposedTools: readonly AllowableTool[] = ["read_messages"];

const allowPath = ["permissions", "allow"];

/** The rule by which Claude Code runs a tool unasked. */
const ruleOf = (tool: AllowableTool): string => `mcp__peernet__${tool}`;

/** The rules that decide about a tool: its own, and those for the entire server. */
const rulesFor = (tool: AllowableTool): readonly string[] => [
  ruleOf(tool),
  "mcp__peernet",
  "mcp__peernet__*",
];

/** True when a rule of the user decides about a tool: to allow it, to ask, or to refuse it. */
export function isDecided(text: string | null, tool: AllowableTool): boolean {
  const permissions = readJson(text).permissions;
  const lists = ["allow", "ask", "deny"].flatMap((key) => listOf(Object(permissions)[key]));
  return rulesFor(tool).some((rule) => lists.includes(rule));
}

/** True when Claude Code runs a tool unasked. @throws {bad_request} when the text is no JSON */
export function isAllowed(text: string | null, tool: AllowableTool): boolean {
  const { allow, ask, deny } = Object(readJson(text).permissions);
  const has = (list: unknown): boolean =>
    rulesFor(tool).some((rule) => listOf(list).includes(rule));
  return has(allow) && !has(ask) && !has(deny);
}

/**
 * The text that allows these tools; a tool about which a rule of the user decides stays as it is.
 * @throws {bad_request} when the rules are no list
 */
export function withAllowed(text: string | null, tools: readonly AllowableTool[]): string {
  return (
    tools
      .filter((tool) => !isDecided(text, tool))
      .reduce<string | null>(
        (result, tool) => withAppended(result, allowPath, ruleOf(tool)),
        text,
      ) ?? ""
  );
}

/**
 * The text without the rules of these tools. A list that becomes empty is removed too, unless
 * `before` had it. @throws {bad_request}
 */
export function withoutAllowed(
  text: string,
  tools: readonly AllowableTool[],
  before: string | null,
): string {
  let result = text;
  for (const tool of tools) {
    const at = listOf(valueAt(readJson(result), allowPath)).lastIndexOf(ruleOf(tool));
    if (at >= 0) result = withValue(result, [...allowPath, at], undefined);
  }
  if (result === text) return text;
  const former = readJson(before);
  for (const path of [allowPath, allowPath.slice(0, 1)]) {
    const value = valueAt(readJson(result), path);
    const isEmpty = (Array.isArray(value) || isObject(value)) && Object.keys(value).length === 0;
    if (isEmpty && valueAt(former, path) === undefined) {
      result = withValue(result, path, undefined);
    }
  }
  return result;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
