/** Groups of facts that a grant lets out or hides. Loads no zod, for the command line's sake. */

/** The groups, in the order in which they are shown. */
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
