/** Matches names, refs and paths with the patterns of a policy. Linear in both; no expression. */

/** True when a pattern, in which `*` stands for any text, matches a whole text. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** A ref by its full name: a branch is written without its `refs/heads/`. */
export const fullRef = (ref: string): string =>
  ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;

/** True when a pattern of refs matches a ref, either of them in full or as a branch. */
export const matchesRef = (pattern: string, ref: string): boolean =>
  matches(fullRef(pattern), fullRef(ref));

/** True when a list names a value, or every value by `*`; an absent list names none. */
export const names = (list: readonly string[] | undefined, value: string): boolean =>
  list?.some((each) => each === "*" || each === value) === true;
