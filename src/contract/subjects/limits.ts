/** Limits of comparing two trails, each with its reason. */

/** Records in one page: with every text at its bound they fit a message. */
export const subjectsPageMax = 112;
/** Abrupt ends of the daemon that one page names; more become one span. */
export const interruptionsMax = 32;
/** Records of one subject that are compared: a reading of ten minutes has fewer. */
export const subjectRecordsMax = 4_096;
/** Subjects that one comparison lists by name; the others are counted. */
export const subjectsListedMax = 1_000;
/** Time for one page of a peer's records. */
export const subjectsPageMs = 10_000;
/** A clock may be set by so much around the abrupt end of a daemon. */
export const interruptionSlackMs = 120_000;
/** An abrupt end around which the clock was visibly set back spans this much more. */
export const clockStepMs = 3_600_000;
/** Pages of one comparison: over ten million records. */
export const subjectsPagesMax = 100_000;
/** Abrupt ends of a peer that one comparison keeps. */
export const interruptionsKeptMax = 4_096;
