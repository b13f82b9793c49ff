/**
 * Reads a policy's text with a given parser of TOML: the whole document, or the line and the reason
 * for which the whole file is refused. Pure.
 */

import { unfit, worded } from "../text/unfit.ts";
import { PolicyDocument } from "./document.ts";
import { policyBytesMax } from "./limits.ts";
import { type KeyPath, lineOfKey } from "./lines.ts";

/** A fault of a policy, and the line of the text that holds it. */
export interface PolicyFault {
  readonly line: number;
  readonly message: string;
}

/** A policy as read: its document, or its first fault. */
export type ReadPolicy =
  | { readonly ok: true; readonly document: PolicyDocument }
  | { readonly ok: false; readonly fault: PolicyFault };

/** Reads TOML into plain values. @throws an Error that names the fault */
export type ParseToml = (text: string) => unknown;

/** Reads the text of a policy. Never throws. */
export function readPolicy(text: string, parse: ParseToml): ReadPolicy {
  if (new TextEncoder().encode(text).length > policyBytesMax) {
    return refused(1, `a policy is at most ${policyBytesMax / 1_024} KiB`);
  }
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : "not TOML";
    return refused(faultyLine(text, parse), message.replace(/^TOML Parse error: /, ""));
  }
  // A schema passes over this one key, and an unknown key refuses the file.
  const odd = keysTo("__proto__", parsed);
  if (odd !== null) return refused(lineOfKey(text, odd), "__proto__ is not known");
  const read = PolicyDocument.safeParse(parsed, worded);
  if (read.success) return { ok: true, document: read.data };
  const [issue] = read.error.issues;
  const [key] = issue !== undefined && "keys" in issue ? (issue.keys ?? []) : [];
  const path = [...(issue?.path ?? []), ...(key === undefined ? [] : [key])];
  return refused(lineOfKey(text, path.filter(isStep)), unfit(read.error.issues).message);
}

/** The way to a key of a name; null when no part has it. */
function keysTo(name: string, value: unknown): KeyPath | null {
  if (typeof value !== "object" || value === null) return null;
  if (Object.hasOwn(value, name)) return [name];
  for (const [key, part] of Object.entries(value)) {
    const rest = keysTo(name, part);
    if (rest !== null) return [Array.isArray(value) ? Number(key) : key, ...rest];
  }
  return null;
}

const isStep = (step: PropertyKey): step is KeyPath[number] => typeof step !== "symbol";

const refused = (line: number, message: string): ReadPolicy => ({
  ok: false,
  fault: { line, message },
});

/** The line that begins the statement which cannot be read: all before it can. */
function faultyLine(text: string, parse: ParseToml): number {
  const lines = text.split("\n");
  for (let good = lines.length - 1; good > 0; good--) {
    try {
      parse(lines.slice(0, good).join("\n"));
      return good + 1;
    } catch {
      // The fault lies in an earlier line.
    }
  }
  return 1;
}
