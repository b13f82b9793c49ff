/**
 * Groups of facts that a grant reveals or hides, and a fact in its three forms: its value, hidden
 * by its machine, or unknown for a reason. Every rendering takes its words from here, so that a
 * hidden fact never reads as another one. Pure; loads nothing.
 */

/** The groups, in display order. */
export const factGroups = [
  "summary",
  "subject",
  "branch",
  "counts",
  "state",
  "harness",
  "project",
] as const;
export type FactGroup = (typeof factGroups)[number];

/** The groups of facts that a machine hides; undefined from a version that does not say. */
export type Hidden = readonly FactGroup[] | undefined;

/** One fact, as its machine told it. */
export type Told<T> =
  | { readonly is: "known"; readonly value: T }
  | { readonly is: "hidden" }
  | { readonly is: "unknown"; readonly why: string };

/** The group of a fact, the groups that its machine hides, and the reason if it has no value. */
export interface Telling {
  readonly of: FactGroup;
  readonly hidden: Hidden;
  readonly why: string;
}

/** A fact by its value, of which null may have one reason or another. */
export function told<T>(value: T | null | undefined, { of, hidden, why }: Telling): Told<T> {
  if (value !== null && value !== undefined) return { is: "known", value };
  if (isHidden(hidden, of)) return { is: "hidden" };
  return { is: "unknown", why: hidden === undefined ? notTold : why };
}

/** True when a machine says that it hides a group. */
export const isHidden = (hidden: Hidden, of: FactGroup): boolean => hidden?.includes(of) === true;

/** The words for a hidden fact. */
export const notShown = "not shown";

/** The words for a fact that is hidden or absent: an earlier version does not say which. */
const notTold = "not told";

/** The words for a fact. */
export function toldText<T>(fact: Told<T>, text: (value: T) => string): string {
  switch (fact.is) {
    case "known":
      return text(fact.value);
    case "hidden":
      return notShown;
    case "unknown":
      return fact.why;
    default:
      return fact satisfies never;
  }
}

/** The fields of each group, by their last name. */
const fields: Readonly<Record<FactGroup, readonly string[]>> = {
  summary: ["summary"],
  subject: ["subject", "subjects"],
  branch: ["branch"],
  counts: ["dirty", "ahead", "behind"],
  state: ["state", "state_for_ms"],
  harness: ["harness"],
  project: ["project"],
};

/** True when a field without a value belongs to a hidden group. */
export const isHiddenField = (hidden: readonly string[], field: string): boolean =>
  Object.entries(fields).some(([group, names]) => hidden.includes(group) && names.includes(field));
