/** Makes names of texts. Pure, and loads nothing, so that a command may use it at its start. */

/** How long a name may be, in characters. */
export const nameLengthMax = 31;

/** What of a text fits the grammar of names; empty where nothing does. */
export const fittingName = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, nameLengthMax)
    .replace(/-+$/, "");
