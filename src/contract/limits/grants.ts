/** Limits of grants, each with its reason. */

/** Entries of one grant: one for each scope, with space for later scopes. */
export const grantEntriesMax = 16;
/** Handles that one entry may be limited to: for more, an entry without a limit is better. */
export const grantNamesMax = 32;
/** A grant with an end lasts at least a minute: a shorter one ends before a person can use it. */
export const grantForMsMin = 60_000;
/** A grant with an end lasts at most a year. */
export const grantForMsMax = 365 * 86_400_000;
