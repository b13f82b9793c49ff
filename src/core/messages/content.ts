/** The digest of a message's text, which a record holds instead of it, and its first line. */

import { excerptCharactersMax } from "../../contract/messages/limits.ts";
import { fromBase64url, hex, lv } from "../../contract/text/encoding.ts";
import type { Sha256 } from "../audit-chain.ts";

/**
 * SHA-256 over `lv("peernet-content-v1", salt, text)`: once the salt is gone, it says nothing about
 * a short text.
 */
export const contentDigest = (
  { text, salt }: { readonly text: string; readonly salt: string },
  sha256: Sha256,
): string => hex(sha256(lv("peernet-content-v1", fromBase64url(salt) ?? salt, text)));

/** The first line of a text that is not empty, cut. */
export function excerptOf(text: string): string {
  const line = text.split(/\r\n|[\n\r\u2028\u2029]/).find((each) => each.trim() !== "") ?? "";
  const characters = [...line.trim()];
  if (characters.length <= excerptCharactersMax) return line.trim();
  return `${characters.slice(0, excerptCharactersMax - 1).join("")}…`;
}
