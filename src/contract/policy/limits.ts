/** The limits of a policy, with their units in the name. Loads nothing. */

/** A policy of 64 KiB holds some 400 rules: a person can no longer read a longer one. */
export const policyBytesMax = 65_536;
/** Rules of one kind, repositories, folders, profiles. */
export const policyEntriesMax = 256;
/** Names in one selector of a rule. */
export const selectorMax = 64;
/** A task of four hours is a day's work; a longer one is several tasks. */
export const wallMsMax = 14_400_000;
/** Dollars of one task. */
export const usdMax = 1_000;
/** Tasks at once, and tasks a day, of one rule. */
export const atOnceMax = 16;
export const perDayMax = 1_000;
/** Characters of a pattern of refs or paths. */
export const patternCharactersMax = 256;
