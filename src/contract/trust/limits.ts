/** Limits of trust by fingerprint, each with its reason. Loads nothing. */

/** An expectation ends after 30 days of running time: a machine that is set up later is rare. */
export const expectedLifeMs = 30 * 86_400_000;
/** Machines of one call: their lines fit in a body. */
export const trustAtOnceMax = 128;
/** Lines that `trust -` reads before it refuses: far more than a machine can have peers. */
export const trustLinesMax = 100_000;
/** Bytes of a file of `/etc/peernet/trust.d`: a thousand lines of the longest form. */
export const trustFileBytesMax = 1_048_576;
/** Concurrent meetings that this machine begins. */
export const meetingsAtOnceMax = 8;
/** The machine with the larger fingerprint waits this long: the other one calls at once. */
export const meetLaterMs = 10_000;
/** A machine may repeat a meeting for this long, since its reply may have been lost. */
export const meetAgainMs = 600_000;
/** The pause after the first attempt in vain; doubled each time, up to … */
export const meetPauseMs = 5_000;
/** … this: each attempt may search every network. */
export const meetPauseMsMax = 600_000;
/** A meeting ends by then: it is one request. */
export const meetDeadlineMs = 10_000;
