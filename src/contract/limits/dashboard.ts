/** Limits of the dashboard's sessions, each with its reason. */

/**
 * The life of a session whose tab went without saying so: a browser that discards a hidden tab
 * loads it again when its person comes back, on the same working day.
 */
export const sessionAwayMs = 12 * 3_600_000;
