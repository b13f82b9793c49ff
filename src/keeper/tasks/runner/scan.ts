/**
 * Searches what would leave this machine for keys: as they are, reversed, in base64 and in
 * hexadecimal. A compressed part must be opened before it is searched.
 */

/** A search over bytes that come in chunks. */
export interface KeySearch {
  /** True once a key was found, in this chunk or over the border of the last. */
  feed(chunk: Uint8Array): boolean;
  isFound(): boolean;
}

/** A search for these keys. */
export function searchKeys(keys: readonly string[]): KeySearch {
  const needles = keys.flatMap(formsOf);
  const borderBytes = Math.max(0, ...needles.map(({ length }) => length - 1));
  let border = Buffer.alloc(0);
  let isFound = false;
  return {
    feed: (chunk) => {
      const bytes = Buffer.concat([border, chunk]);
      isFound ||= needles.some((needle) => bytes.includes(needle));
      border = Buffer.from(bytes.subarray(Math.max(0, bytes.length - borderBytes)));
      return isFound;
    },
    isFound: () => isFound,
  };
}

/** True when a text holds one of these keys. */
export const holdsKey = (keys: readonly string[], text: string): boolean =>
  searchKeys(keys).feed(new TextEncoder().encode(text));

/** The forms in which a key is searched. */
function formsOf(key: string): readonly Buffer[] {
  const hex = Buffer.from(key).toString("hex");
  const texts = [key, [...key].reverse().join(""), hex, hex.toUpperCase(), ...inBase64(key)];
  return texts.map((text) => Buffer.from(text));
}

/** The middle of its base64 at each of the three places where a key can begin. */
function inBase64(key: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(key)]);
    // Characters that depend on the neighbours' bits are left out at both ends.
    const start = Math.ceil((before * 4) / 3);
    const end = Math.floor((bytes.length * 4) / 3);
    const text = bytes.toString("base64").slice(start, end);
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
