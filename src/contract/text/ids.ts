/** Ids as people see and type them: the shortest distinct ending of a UUID. Loads nothing. */

/** The default length of a short id; also the fewest characters that a person may type. */
export const shortIdCharacters = 4;

const bare = (id: string): string => id.replaceAll("-", "").toLowerCase();

/** True when an id ends with the typed text; dashes and case are ignored. */
export const endsWith = (id: string, typed: string): boolean => bare(id).endsWith(bare(typed));

/** The last characters of an id, as many as distinguish it from the other ids here. */
export function shortId(id: string, ids: Iterable<string>): string {
  const whole = bare(id);
  let length = shortIdCharacters;
  for (const other of ids) {
    const against = bare(other);
    if (against === whole) continue;
    while (length < whole.length && against.endsWith(whole.slice(-length))) length += 1;
  }
  return whole.slice(-length);
}
