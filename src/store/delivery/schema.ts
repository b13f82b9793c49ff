/** The migration about telling sessions of their mail. */

/** The tables of handovers, readers and wakers. Times in `_ms` are elapsed time. */
export const delivery: readonly string[] = [
  `CREATE TABLE handover (
    nonce TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    harness TEXT NOT NULL,
    session_id TEXT,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    record TEXT,
    mark INTEGER NOT NULL,
    state TEXT NOT NULL,
    given_ms INTEGER NOT NULL,
    settled_ms INTEGER,
    doubt TEXT,
    doubted_ms INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    tries INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX handover_session ON handover (harness, session_id)`,
  `CREATE INDEX handover_open ON handover (name) WHERE state IN ('given', 'handed')`,
  `CREATE INDEX handover_doubt ON handover (doubted_ms) WHERE doubt IS NOT NULL`,
  `CREATE INDEX handover_given ON handover (given_ms)`,
  // The memory of telling a session of its mail, by the session's last events.
  `CREATE TABLE reader (
    harness TEXT NOT NULL,
    session_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    record TEXT,
    bytes INTEGER NOT NULL,
    asks INTEGER,
    headless INTEGER NOT NULL,
    heard_ms INTEGER NOT NULL,
    noticed TEXT,
    told TEXT NOT NULL,
    told_by TEXT NOT NULL,
    wake TEXT,
    PRIMARY KEY (harness, session_id)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX reader_heard ON reader (heard_ms)`,
  // Processes that wait at a pipe to wake a session.
  `CREATE TABLE waker (
    seq INTEGER PRIMARY KEY,
    harness TEXT NOT NULL,
    session_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    pipe TEXT NOT NULL UNIQUE
  ) STRICT`,
];
