/** The migrations about messages. */

/** The tables of messages and mailboxes. */
export const messages: readonly string[] = [
  // Messages of both directions. `name` is the handle at this end, null for this machine's person;
  // times in `_ms` are elapsed time.
  `CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    direction TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    message_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    reply_to TEXT,
    peer_name TEXT,
    name TEXT,
    tree TEXT,
    other TEXT,
    by TEXT NOT NULL,
    text TEXT,
    salt TEXT,
    content_sha256 TEXT NOT NULL,
    hops INTEGER NOT NULL,
    quiet INTEGER NOT NULL,
    waking TEXT NOT NULL,
    stage TEXT NOT NULL,
    reason TEXT,
    version INTEGER NOT NULL,
    told INTEGER NOT NULL,
    next TEXT,
    unread INTEGER NOT NULL,
    handover TEXT,
    stored_at_ms INTEGER NOT NULL,
    stored_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    UNIQUE (direction, fingerprint, message_id)
  ) STRICT`,
  `CREATE INDEX message_waiting ON message (name, direction)
    WHERE unread = 1 OR stage = 'held' OR stage = 'queued'`,
  `CREATE INDEX message_taken ON message (name, direction, stored_ms)`,
  `CREATE INDEX message_pair ON message (fingerprint, name, other, direction)`,
  `CREATE INDEX message_reply ON message (reply_to) WHERE reply_to IS NOT NULL`,
  `CREATE INDEX message_handover ON message (handover) WHERE handover IS NOT NULL`,
  `CREATE INDEX message_due ON message (fingerprint) WHERE direction = 'in' AND version > told`,
  `CREATE INDEX message_stored ON message (stored_ms)`,
  // Each proven stage of a message, with its evidence.
  `CREATE TABLE message_stage (
    seq INTEGER PRIMARY KEY,
    direction TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    message_id TEXT NOT NULL,
    stage TEXT NOT NULL,
    reason TEXT,
    at_ms INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    UNIQUE (direction, fingerprint, message_id, stage),
    FOREIGN KEY (direction, fingerprint, message_id)
      REFERENCES message (direction, fingerprint, message_id) ON DELETE CASCADE
  ) STRICT`,
  // Ids of removed messages: a sender that was restored from a backup repeats none.
  `CREATE TABLE tombstone (
    direction TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    message_id TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    stage TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (direction, fingerprint, message_id)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE mailbox (
    name TEXT PRIMARY KEY,
    person_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE wake (
    seq INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX wake_name ON wake (name, at_ms)`,
  // Handles that were live: mail for one waits for its next holder in the same folder.
  `CREATE TABLE known_handle (
    name TEXT PRIMARY KEY,
    tree TEXT NOT NULL,
    live_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
];

/** Finds a message by the end of its id, which is what people and replies give. */
export const messageEnds: readonly string[] = [
  `CREATE INDEX message_end ON message (substr(replace(message_id, '-', ''), -4))`,
];

/** Subscriptions, and the topic of each message. */
export const topics: readonly string[] = [
  // The subscribed handle in one folder; an empty name is this machine's person.
  `CREATE TABLE subscription (
    topic TEXT NOT NULL,
    name TEXT NOT NULL,
    tree TEXT NOT NULL,
    PRIMARY KEY (topic, name)
  ) STRICT, WITHOUT ROWID`,
  `ALTER TABLE message ADD COLUMN topic TEXT`,
  // The id by which its sender knows a message that was stored once for each subscriber.
  `ALTER TABLE message ADD COLUMN sent_id TEXT`,
];
