/** The length of the write-ahead log. */

/** Pages after which SQLite moves the log into the database and begins it again, and a little. */
const pages = 1_010;

/**
 * Bytes that the log of a database needs (SQLite's file format, section 4: a header, then pages,
 * each with its frame's header). A commit that makes the log longer waits for the file system's own
 * journal too, so the daemon gives the log this length at the start, before its first transaction:
 * SQLite reads a log up to the first frame that does not fit, and zeros are no frame.
 */
export const logBytes = 32 + pages * (24 + 4_096);
