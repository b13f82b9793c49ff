/**
 * The forms of a command line's words, without the schemas, which load too slowly for an ask. The
 * daemon validates; this code only distinguishes. A test compares it with the schemas.
 */

import { PeernetError } from "../../contract/errors.ts";
import type { GivenEntry } from "../../contract/grants.ts";
import { codeDigits } from "../../contract/limits.ts";
import type { Scope } from "../../contract/terms.ts";
import { type FactGroup, factGroups } from "../../contract/text/fact-groups.ts";

const half = "[a-z0-9][a-z0-9-]{0,30}";
const handle = new RegExp(`^(?:${half}/|(?:${half}/)?${half})$`);

/** True when a word is a handle, or `mini/` for every handle of a machine. */
export const isHandle = (word: string): boolean => handle.test(word);

/** The handle that another tool's form of one means, as `@api:reviewer_api`; null for none. */
export function meantHandle(word: string): string | null {
  const fitting = word.toLowerCase().replace(/^@/, "").replace(":", "/").replaceAll("_", "-");
  return isHandle(fitting) ? fitting : null;
}

const name = new RegExp(`^${half}$`);

/** True when a word could be a machine's name; a host name without a dot could be one, too. */
export const isName = (word: string): boolean => name.test(word);

/** The digits of a pairing code, or null when the text is none. */
export function parsePairingCode(text: string): string | null {
  const digits = text.replace(/[\s-]/g, "");
  return digits.length === codeDigits && /^[0-9]+$/.test(digits) ? digits : null;
}

/** The scopes of this version; a test keeps them equal to the schema. */
export const scopes: readonly Scope[] = ["ask", "overlap", "message", "wake"];

/** Parses a scope. @throws {bad_request} for a scope that this version lacks */
export function scopeOf(word: string): Scope {
  const scope = scopes.find((known) => known === word);
  if (scope !== undefined) return scope;
  throw new PeernetError("bad_request", {
    message: `this version has no scope ${word}`,
    hint: `the scopes are ${scopes.join(", ")}`,
  });
}

/**
 * Parses an entry: `ask`, or `ask:api,web` for these handles alone.
 * @throws {bad_request} {handle_unknown}
 */
export function entryOf(word: string): GivenEntry {
  const colon = word.indexOf(":");
  const parts = word.split(",");
  if (colon < 0 && parts.length > 1) throw apart(parts);
  if (colon < 0) return { scope: scopeOf(word), names: null };
  const names = word.slice(colon + 1).split(",");
  const scope = scopeOf(word.slice(0, colon));
  const other = names.find((name) => scopeWords.has(name));
  if (other !== undefined) {
    const rest = names.filter((name) => !scopeWords.has(name));
    throw apart([[scope, rest.join(",")].filter((part) => part !== "").join(":"), other]);
  }
  // `message` alone names topics, as @deploys.
  const grammar = scope === "message" ? entryGrammar : nameGrammar;
  const odd = names.find((name) => !grammar.test(name));
  if (odd === undefined) return { scope, names };
  throw new PeernetError("bad_request", {
    message: `${odd === "" ? "nothing" : odd} is no name of a handle`,
    hint: `${scope}:NAME,NAME with names of a-z, 0-9 and -`,
  });
}

const apart = (entries: readonly string[]): PeernetError =>
  new PeernetError("bad_request", {
    message: "a comma joins names of handles, and a space parts entries",
    hint: `write: ${entries.join(" ")}`,
  });

/** Scopes of this or a later version, which are therefore no names in an entry. */
const scopeWords = new Set(["ask", "overlap", "message", "wake", "read", "run", "mine", "none"]);
const nameGrammar = /^[a-z0-9][a-z0-9-]{0,30}$/;
const entryGrammar = /^@?[a-z0-9][a-z0-9-]{0,30}$/;

/** Parses groups of facts. @throws {bad_request} for an unknown group */
export function factGroupsOf(text: string): FactGroup[] {
  return text.split(",").map((word) => {
    const group = factGroups.find((known) => known === word);
    if (group !== undefined) return group;
    throw new PeernetError("bad_request", {
      message: `there are no facts called ${word}`,
      hint: `the facts are ${factGroups.join(", ")}`,
    });
  });
}

/**
 * Parses scopes from a flag or a word: `ask`, or `none`.
 * @throws {bad_request} for a scope that this version does not have
 */
export function scopesOf(text: string): Scope[] {
  if (text === "none") return [];
  const asked = text.split(",");
  const unknown = asked.find((word) => !scopes.some((scope) => scope === word));
  if (unknown === undefined) return scopes.filter((scope) => asked.includes(scope));
  throw new PeernetError("bad_request", {
    message: `this version has no scope ${unknown}`,
    hint: `give ${scopes.join(",")} or none`,
  });
}
