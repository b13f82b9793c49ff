/** Bounds of names, each with its reason. */

/** A name that a peer had is given to no other key for 90 days: memories and scripts hold it. */
export const formerNameMs = 90 * 86_400_000;
