/**
 * Mail that arrived for a person, or waits for a person's decision, since the person's last
 * command: counts alone, and names of machines. Loads no zod, for the command line's sake.
 */

import { stateNames } from "../text/state-names.ts";

/** The state folder's file of this mail. */
export const unseenMailName = stateNames.unseenMail;

/** The largest number of machines that it names. */
export const unseenNamesMax = 8;

/** The mail since the person's last command. */
export interface UnseenMail {
  /** Messages that a person must approve or refuse. */
  readonly held: number;
  /** Messages for the person. */
  readonly person: number;
  /** The machines that they come from, by this machine's names. */
  readonly from: readonly string[];
  /** The machines to which a model here may not write, and tried to. */
  readonly refused: readonly string[];
}

/** No mail. */
export const noUnseenMail: UnseenMail = { held: 0, person: 0, from: [], refused: [] };

/** Reads that file; null for any other text. */
export function unseenMailOf(text: string): UnseenMail | null {
  try {
    const { held, person, from, refused }: Partial<UnseenMail> = JSON.parse(text);
    const isCounted = [held, person].every((count) => Number.isSafeInteger(count));
    if (!isCounted || !Array.isArray(from) || !Array.isArray(refused)) return null;
    const counts = { held: Number(held), person: Number(person) };
    return { ...counts, from: bounded(from), refused: bounded(refused) };
  } catch {
    return null;
  }
}

/** Both together; names beyond the largest number are left out. */
export const withMail = (one: UnseenMail, other: UnseenMail): UnseenMail => ({
  held: one.held + other.held,
  person: one.person + other.person,
  from: bounded([...one.from, ...other.from]),
  refused: bounded([...one.refused, ...other.refused]),
});

const bounded = (names: readonly unknown[]): readonly string[] =>
  [...new Set(names.filter((name) => typeof name === "string"))].slice(0, unseenNamesMax);
