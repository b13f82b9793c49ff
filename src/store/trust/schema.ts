/** A step of the schema: machines that are trusted by their fingerprints. */

/**
 * Expected machines: a row stays for a while after the meeting, so that it may be repeated. And the
 * last line about each machine in root's files, so that each line acts once.
 */
export const trust: readonly string[] = [
  `CREATE TABLE expected (
    fingerprint TEXT PRIMARY KEY,
    name TEXT,
    host TEXT,
    port INTEGER,
    given TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    met_ms INTEGER,
    jti TEXT,
    issued_at_ms INTEGER
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE trusted_line (
    fingerprint TEXT PRIMARY KEY,
    line TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
];
