/**
 * What the words of a command line look like, without the schemas, which are too slow to load for
 * an ask. The daemon validates; this only tells apart. A test holds it against the schemas.
 */

import { PeernetError } from "../../contract/errors.ts";
import { codeDigits } from "../../contract/limits.ts";
import type { Scope } from "../../contract/terms.ts";

const half = "[a-z0-9][a-z0-9-]{0,30}";
const handle = new RegExp(`^(?:${half}/|(?:${half}/)?${half})$`);

/** Whether a word is a handle, or `mini/` for every one on a machine. */
export const isHandle = (word: string): boolean => handle.test(word);

const name = new RegExp(`^${half}$`);

/** Whether a word could be a machine's name; a host name without a dot could be, too. */
export const isName = (word: string): boolean => name.test(word);

/** The digits of a pairing code, or null when a text is none. */
export function codeOf(text: string): string | null {
  const digits = text.replace(/[\s-]/g, "");
  return digits.length === codeDigits && /^[0-9]+$/.test(digits) ? digits : null;
}

const scopes: readonly Scope[] = ["ask"];

/**
 * Scopes as a flag or a word gives them: `ask`, or `none`.
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
