/** Bounds of grants, each with its reason. */

/** Entries of one grant: one a scope, with room for scopes to come. */
export const grantEntriesMax = 16;
/** Handles that one entry is limited to: more are better said by no limit. */
export const grantNamesMax = 32;
/** A grant that ends lasts a minute at least: shorter ones end before a person can use them. */
export const grantForMsMin = 60_000;
/** A grant that ends lasts a year at most. */
export const grantForMsMax = 365 * 86_400_000;
