/**
 * The bounds of errands and notifications, with their units in the name and their reasons beside
 * them. Loads nothing.
 */

/** Errands that wait or are under way; a caller of more is refused: a person causes a few a day. */
export const errandsOpenMax = 256;
/** Errands that the keeper does at once; one that hangs holds one place until its deadline. */
export const errandsAtOnceMax = 8;
/** Errands whose outcome the keeper remembers: as many as one daemon can wait for. */
export const errandsRememberedMax = 256;
/** A desktop shows a notification in milliseconds; one that is busy at login takes seconds. */
export const notifyDeadlineMs = 10_000;
/** Desktop notifications come at most this often: more would be turned off. */
export const notifyEveryMs = 60_000;
/** Changes of sessions are gathered for so long before they are looked at for a notification. */
export const notifyLookMs = 100;
/** Characters of each line of a notification: ours have under 60. */
export const notificationCharactersMax = 120;
/** Waiting sessions that are remembered, so that one whose link comes back is not news. */
export const waitingRememberedMax = 1_024;
/** Two tellings of the instant at which a session began to wait differ by less. */
export const waitingSlackMs = 2_000;
