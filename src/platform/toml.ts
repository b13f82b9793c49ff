/** Reads TOML into plain values, by the runtime's own parser. Judges nothing. */

/** The values of a TOML text. @throws an Error that names the fault */
export const parseToml = (text: string): unknown => Bun.TOML.parse(text);
