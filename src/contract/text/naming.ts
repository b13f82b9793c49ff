/** Makes names from texts. Pure, and loads nothing, so that a command may use it at its start. */

/** The longest name, in characters. */
export const nameLengthMax = 31;

/** The part of a text that fits the grammar of names; empty when no part does. */
export const fittingName = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, nameLengthMax)
    .replace(/-+$/, "");
