/**
 * The limits of errands and notifications, with their units in the name and their reasons beside
 * them. Loads nothing.
 */

/** Errands that wait or run; more are refused: a person causes a few a day. */
export const errandsOpenMax = 256;
/** Concurrent errands of the keeper; a hanging one holds its slot until its deadline. */
export const errandsAtOnceMax = 8;
/** Errands whose outcome the keeper remembers: as many as one daemon can wait for. */
export const errandsRememberedMax = 256;
/** A desktop shows a notification in milliseconds; one that is busy at login takes seconds. */
export const notifyDeadlineMs = 10_000;
/** The interval of desktop notifications: people switch off more frequent ones. */
export const notifyEveryMs = 60_000;
/** The time for which changes of sessions are collected before a look for notifications. */
export const notifyLookMs = 100;
/** Characters of each line of a notification: ours have under 60. */
export const notificationCharactersMax = 120;
/** Waiting sessions that are remembered, so that a returning link is not news. */
export const waitingRememberedMax = 1_024;
/** Two reports of the instant at which a session began to wait differ by less. */
export const waitingSlackMs = 2_000;
