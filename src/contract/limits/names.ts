/** Limits of names, each with its reason. */

/** A peer's former name goes to no other key for 90 days: memories and scripts hold it. */
export const formerNameMs = 90 * 86_400_000;
