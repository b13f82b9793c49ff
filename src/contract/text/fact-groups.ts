/** Groups of facts that a grant reveals or hides. Loads no zod, for the command line's sake. */

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
