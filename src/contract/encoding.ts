/** How values are framed before they are hashed or authenticated. Pure; loads nothing. */

/**
 * Frames each part as CPace's `lv_cat` does: its length as unsigned LEB128, then its bytes.
 * Strings are UTF-8. Source: draft-irtf-cfrg-cpace, "lv_cat".
 */
export function lv(...parts: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const framed: Uint8Array[] = [];
  for (const part of parts) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    framed.push(leb128(bytes.length), bytes);
  }
  return concatenate(framed);
}

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

function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return Uint8Array.from(bytes);
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
