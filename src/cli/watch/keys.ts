/** Reads pressed keys from the bytes of a terminal. Pure. */

/** A key that the screen understands. */
export type Key =
  | "up"
  | "down"
  | "first"
  | "last"
  | "enter"
  | "preview"
  | "mail"
  | "quit"
  | "other";

const sequences: readonly (readonly [string, Key])[] = [
  ["\x1b[A", "up"],
  ["\x1bOA", "up"],
  ["\x1b[B", "down"],
  ["\x1bOB", "down"],
  ["\x1b[5~", "first"],
  ["\x1b[H", "first"],
  ["\x1b[6~", "last"],
  ["\x1b[F", "last"],
];

const letters: Readonly<Record<string, Key>> = {
  k: "up",
  j: "down",
  g: "first",
  G: "last",
  "\r": "enter",
  "\n": "enter",
  p: "preview",
  m: "mail",
  q: "quit",
  "\x03": "quit",
  "\x04": "quit",
};

/** The keys in a chunk of input, in their order. An unknown escape sequence is one other key. */
export function keysIn(text: string): readonly Key[] {
  const keys: Key[] = [];
  for (let rest = text; rest !== ""; ) {
    const sequence = sequences.find(([start]) => rest.startsWith(start));
    if (sequence !== undefined) {
      keys.push(sequence[1]);
      rest = rest.slice(sequence[0].length);
      continue;
    }
    // ECMA-48, 5.4: parameters, intermediate bytes, one final byte.
    const unknown = /^\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)?/.exec(rest)?.[0] ?? "";
    const letter = [...rest][0] ?? "";
    keys.push(unknown !== "" ? "other" : (letters[letter] ?? "other"));
    rest = rest.slice(unknown !== "" ? unknown.length : letter.length);
  }
  return keys;
}
