/** How values are framed before they are hashed or authenticated. Pure; loads nothing. */

/**
 * Frames each part as CPace's `lv_cat` does: its length as unsigned LEB128, then its bytes.
 * Strings are UTF-8. Source: draft-irtf-cfrg-cpace, "lv_cat".
 */
export function lv(...parts: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  // One buffer that surely holds all: an array for each part costs four times as much.
  const framed = new Uint8Array(parts.reduce((sum, part) => sum + roomOf(part), 0));
  let at = 0;
  for (const part of parts) {
    const bytes = typeof part === "string" ? encoder.encode(part) : part;
    let rest = bytes.length;
    for (; rest > 0x7f; rest >>>= 7) {
      framed[at] = (rest & 0x7f) | 0x80;
      at += 1;
    }
    framed[at] = rest;
    framed.set(bytes, at + 1);
    at += 1 + bytes.length;
  }
  return framed.slice(0, at);
}

const encoder = new TextEncoder();

/** Bytes that a part never exceeds: five of length, three for each UTF-16 unit of a string. */
const roomOf = (part: string | Uint8Array): number =>
  5 + part.length * (typeof part === "string" ? 3 : 1);

/** Joins byte strings. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Lower-case hexadecimal. */
export const hex = (bytes: Uint8Array): string => bytes.toHex();

/** Base64url without padding (RFC 4648, section 5). */
export const base64url = (bytes: Uint8Array): string =>
  bytes.toBase64({ alphabet: "base64url", omitPadding: true });

/** Reads base64url without padding; null for anything else. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    // One text for one value: trailing bits that carry nothing must be zero.
    return base64url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
