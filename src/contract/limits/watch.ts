/** Bounds of watching, each with its reason. */

/** The time for which a hello is believed that says that a person watches: three may be lost. */
export const watchingMs = 90_000;
/** One desktop notification a minute at most: more of them are switched off by their reader. */
export const notifyEveryMs = 60_000;
