/** Ids as people see and type them: the end of a UUID, as long as it has to be. Loads nothing. */

/** Characters of a short id unless more are needed; also the fewest that a person may type. */
export const shortIdCharacters = 4;

const bare = (id: string): string => id.replaceAll("-", "").toLowerCase();

/** True when an id ends with what a person typed; dashes and case mean nothing. */
export const endsWith = (id: string, typed: string): boolean => bare(id).endsWith(bare(typed));

/** The last characters of an id, one more for each that another id here also ends with. */
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
