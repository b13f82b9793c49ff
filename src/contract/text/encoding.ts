/** The framing of values before they are hashed or authenticated. Pure; loads nothing. */

/**
 * Frames each part as CPace's `lv_cat` does: its length as unsigned LEB128, then its bytes.
 * Strings are UTF-8. Source: draft-irtf-cfrg-cpace, "lv_cat".
 */
export function lv(...parts: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const gathered = framer();
  for (const part of parts) gathered.add(part);
  return gathered.bytes().slice();
}

/** Frames parts as `lv` does, in one buffer that it reuses for each message. */
export interface Framer {
  /** Discards all parts. */
  begin(): void;
  /** Adds a part; a mark is a byte that precedes the part and counts as its first. */
  add(part: string | Uint8Array, mark?: number): void;
  /** All added parts, valid only until the next call. */
  bytes(): Uint8Array<ArrayBuffer>;
}

/** Makes an empty framer. */
export function framer(): Framer {
  let framed = new Uint8Array(256);
  let at = 0;
  const addLength = (length: number): void => {
    const needed = at + lengthBytesMax + length;
    if (needed > framed.length) framed = enlarged(framed, 2 * needed);
    let rest = length;
    for (; rest > 0x7f; rest >>>= 7) {
      framed[at] = (rest & 0x7f) | 0x80;
      at += 1;
    }
    framed[at] = rest;
    at += 1;
  };
  const add: Framer["add"] = (part, mark) => {
    const begun = at;
    addLength(part.length + (mark === undefined ? 0 : 1));
    if (mark !== undefined) {
      framed[at] = mark;
      at += 1;
    }
    if (typeof part !== "string") framed.set(part, at);
    else if (!writeAscii(framed, at, part)) {
      at = begun;
      return add(encoder.encode(part), mark);
    }
    at += part.length;
  };
  const begin = (): void => {
    at = 0;
  };
  return { begin, add, bytes: () => framed.subarray(0, at) };
}

/** LEB128 of any length that an array can have. */
const lengthBytesMax = 5;

function enlarged(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

const encoder = new TextEncoder();

/** Writes text if all of it is ASCII, as most is: faster than an encoder for short text. */
function writeAscii(into: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return false;
    into[at + index] = unit;
  }
  return true;
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
    // One text for one value: unused trailing bits must be zero.
    return base64url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
