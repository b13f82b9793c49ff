/** Limits of comparing changed files, each with its reason. */

/** Changed files of a session beyond these say nothing: such a change touches everything. */
export const overlapPathsMax = 128;
/** Repositories that a machine can name in one call: nobody works in more at once. */
export const overlapRepositoriesMax = 32;
/** Sessions in one answer: with all their files they fit a message. */
export const overlapSessionsMax = 28;
/**
 * Repositories that a peer may learn of in a day: it can guess the names of public ones. This count
 * and those of warnings are in memory alone: a peer cannot end this machine's daemon.
 */
export const newRepositoriesMax = 8;
/** Files that one question may ask about. */
export const askedPathsMax = 512;
/** Bytes of a file's digest on the wire: chance makes no pair among so few. */
export const shortDigestBytes = 8;
/** Warnings for one session in an hour: more would be noise to a model. */
export const warningsPerHourMax = 3;
/** Warnings that one peer may cause in a day: it can claim to have changed every file. */
export const warningsPerPeerMax = 12;
/** Files of one edit that are compared: a patch of more touches everything. */
export const editedPathsMax = 32;
/** The longest wait of an edit for an answer of the daemon: it takes 2 ms, and 30 under load. */
export const editPatienceMs = 100;
