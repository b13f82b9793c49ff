/** Limits of watching, each with its reason. */

/** The time for which a hello's claim that a person watches is believed: three may be lost. */
export const watchingMs = 90_000;
/** The interval of desktop notifications: readers switch off more frequent ones. */
export const notifyEveryMs = 60_000;
/** The time that a verification waits for each of two hellos: a person waits for its answer. */
export const handHeadMs = 1_500;
