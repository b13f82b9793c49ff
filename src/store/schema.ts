/**
 * The schema, as the migrations that lead to it: entry n takes a database from version n to n + 1.
 * A released entry is never changed.
 */

import { delivery } from "./delivery/schema.ts";
import { messageEnds, messages, topics } from "./messages/schema.ts";
import { outboxLeaders, waitCallers } from "./schema-outbox.ts";

import { sharedSubjects } from "./subjects/subjects.ts";
import { tasks } from "./tasks/schema.ts";
import { trust } from "./trust/schema.ts";

const first: readonly string[] = [
  `CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    generation INTEGER NOT NULL UNIQUE,
    harness TEXT NOT NULL,
    session_id TEXT,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    cwd TEXT NOT NULL,
    project TEXT NOT NULL,
    run TEXT NOT NULL,
    started_boot_ms REAL NOT NULL,
    renewed_boot_ms REAL NOT NULL,
    git TEXT,
    git_boot_ms REAL NOT NULL,
    summary TEXT,
    summary_boot_ms REAL NOT NULL,
    state TEXT,
    state_since_boot_ms REAL NOT NULL,
    state_boot_ms REAL NOT NULL
  ) STRICT`,
  `CREATE TABLE generation (last INTEGER NOT NULL) STRICT`,
  `INSERT INTO generation VALUES (0)`,
  `CREATE TABLE peer (
    fingerprint TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    certificate TEXT NOT NULL,
    host TEXT,
    port INTEGER,
    scopes TEXT NOT NULL,
    their_scopes TEXT NOT NULL,
    token_key TEXT,
    bearer TEXT,
    bearer_at_ms INTEGER,
    acknowledged INTEGER NOT NULL,
    exchanged INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    paired_at_ms INTEGER NOT NULL,
    last_seen_at_ms INTEGER,
    checkpoint TEXT,
    witness TEXT
  ) STRICT`,
  // Tokens this machine minted for a peer; the bytes themselves are not kept.
  `CREATE TABLE token (
    jti TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL REFERENCES peer (fingerprint) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    issued_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX token_of ON token (fingerprint)`,
  // Asks answered recently, so that a repeated one gets the same outcome.
  `CREATE TABLE answered (
    fingerprint TEXT NOT NULL REFERENCES peer (fingerprint) ON DELETE CASCADE,
    ask_id TEXT NOT NULL,
    boot_ms REAL NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (fingerprint, ask_id)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX answered_at ON answered (boot_ms)`,
  `CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    direction TEXT NOT NULL,
    verb TEXT NOT NULL,
    peer_fingerprint TEXT,
    peer_name TEXT,
    origin_address TEXT,
    origin_transport TEXT,
    origin_node TEXT,
    origin_login TEXT,
    handle TEXT,
    harness TEXT,
    question TEXT,
    outcome TEXT NOT NULL,
    thread_id TEXT,
    answer_sha256 TEXT,
    count INTEGER,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT`,
  `CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END`,
  // REPLACE deletes without the trigger for deletions.
  `CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END`,
  `CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END`,
];

const second: readonly string[] = [
  // Sessions that had a handle; `at` counts up, so that the oldest can be removed.
  `CREATE TABLE session (
    harness TEXT NOT NULL,
    session_id TEXT NOT NULL,
    name TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    has_left INTEGER NOT NULL,
    at INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (harness, session_id)
  ) STRICT`,
];

const third: readonly string[] = [
  // The records of the first form end here: a daemon closes them as a segment of their own.
  `DROP TRIGGER audit_is_never_changed`,
  `DROP TRIGGER audit_is_never_replaced`,
  `DROP TRIGGER audit_is_never_cut`,
  `ALTER TABLE audit RENAME TO audit_v1`,
  `CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    direction TEXT NOT NULL,
    verb TEXT NOT NULL,
    peer_fingerprint TEXT,
    peer_name TEXT,
    origin_address TEXT,
    origin_transport TEXT,
    origin_node TEXT,
    origin_login TEXT,
    handle TEXT,
    from_handle TEXT,
    harness TEXT,
    text TEXT,
    outcome TEXT NOT NULL,
    thread_id TEXT,
    subject_id TEXT,
    content_sha256 TEXT,
    details TEXT,
    count INTEGER,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT`,
  // Ids are found by their last characters, which a person types.
  `CREATE INDEX audit_subject ON audit (substr(subject_id, -4)) WHERE subject_id IS NOT NULL`,
  `CREATE INDEX audit_thread ON audit (substr(thread_id, -4)) WHERE thread_id IS NOT NULL`,
  // Segments of the trail that were moved to files; those of the first form have no trail id.
  `CREATE TABLE segment (
    file TEXT PRIMARY KEY,
    form INTEGER NOT NULL,
    trail_id TEXT,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT`,
  `CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END`,
  // REPLACE deletes without the trigger for deletions.
  `CREATE TRIGGER audit_is_never_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END`,
  `CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
    WHEN OLD.seq > (SELECT coalesce(max(to_seq), 0) FROM segment WHERE form = 2)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END`,
];

const fourth: readonly string[] = [
  // A grant consists of entries with limits: a scope from an earlier version has no limits.
  `ALTER TABLE peer ADD COLUMN grants TEXT NOT NULL
    DEFAULT '{"entries":[],"mine":false,"hold":true,"paused":false}'`,
  `UPDATE peer SET grants = json_set(grants, '$.entries', json('[{"scope":"ask","names":null,
    "show":["summary","subject","branch","counts","state","harness","project"],
    "granted_at_ms":0,"granted_boot_ms":0,"for_ms":null}]'))
    WHERE EXISTS (SELECT 1 FROM json_each(peer.scopes) WHERE value = 'ask')`,
  `ALTER TABLE peer DROP COLUMN scopes`,
  `ALTER TABLE peer ADD COLUMN their_grants TEXT`,
];

const fifth: readonly string[] = [
  // Checkpoints of this trail that a peer kept and that the trail does not contain.
  `CREATE TABLE disagreement (
    fingerprint TEXT NOT NULL REFERENCES peer (fingerprint) ON DELETE CASCADE,
    nth TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    PRIMARY KEY (fingerprint, nth)
  ) STRICT`,
  // Names of peers that were removed, each with the key it meant.
  `CREATE TABLE former_name (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    removed_at_ms INTEGER NOT NULL
  ) STRICT`,
];

const sixth: readonly string[] = [
  // Deliveries to peers. Of each peer lower ranks leave first, and then lower numbers.
  `CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL REFERENCES peer (fingerprint) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    rank INTEGER NOT NULL,
    subject_id TEXT NOT NULL,
    scope TEXT,
    session TEXT,
    version INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    body TEXT NOT NULL,
    queued_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    first_failure_ms INTEGER,
    stuck INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX outbox_order ON outbox (fingerprint, rank, seq)`,
  `CREATE INDEX outbox_subject ON outbox (fingerprint, kind, subject_id)`,
  `CREATE INDEX outbox_session ON outbox (session) WHERE session IS NOT NULL`,
  `CREATE INDEX outbox_queued ON outbox (queued_ms)`,
  // Counted as entries come and go: a count for each new entry would read them all.
  `CREATE TABLE outbox_total (
    fingerprint TEXT NOT NULL,
    lane TEXT NOT NULL,
    entries INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, lane)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TRIGGER outbox_grows AFTER INSERT ON outbox
    BEGIN INSERT INTO outbox_total VALUES (NEW.fingerprint, NEW.lane, 1, NEW.bytes)
      ON CONFLICT DO UPDATE SET entries = entries + 1, bytes = bytes + NEW.bytes; END`,
  `CREATE TRIGGER outbox_changes AFTER UPDATE OF bytes ON outbox
    BEGIN UPDATE outbox_total SET bytes = bytes + NEW.bytes - OLD.bytes
      WHERE fingerprint = NEW.fingerprint AND lane = NEW.lane; END`,
  `CREATE TRIGGER outbox_shrinks AFTER DELETE ON outbox
    BEGIN UPDATE outbox_total SET entries = entries - 1, bytes = bytes - OLD.bytes
      WHERE fingerprint = OLD.fingerprint AND lane = OLD.lane;
    DELETE FROM outbox_total WHERE fingerprint = OLD.fingerprint AND entries = 0; END`,
  // The elapsed time, independent of changes to the clocks.
  `CREATE TABLE elapsed (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    total_ms INTEGER NOT NULL,
    run TEXT NOT NULL,
    boot_ms REAL NOT NULL,
    wall_ms REAL NOT NULL
  ) STRICT`,
  // Distinguishes a lease from another session's later one with the same name.
  `ALTER TABLE lease ADD COLUMN lease_id TEXT NOT NULL DEFAULT ''`,
  `UPDATE lease SET lease_id = lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' ||
    substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' ||
    hex(randomblob(6)))`,
  // Waits of peers for sessions here. `due` is an outcome that the peer has not acknowledged.
  `CREATE TABLE incoming_wait (
    fingerprint TEXT NOT NULL REFERENCES peer (fingerprint) ON DELETE CASCADE,
    wait_id TEXT NOT NULL,
    name TEXT NOT NULL,
    until TEXT NOT NULL,
    lease_id TEXT NOT NULL,
    state TEXT,
    sha TEXT,
    ends_ms INTEGER NOT NULL,
    renewed_ms INTEGER NOT NULL,
    due TEXT,
    PRIMARY KEY (fingerprint, wait_id)
  ) STRICT, WITHOUT ROWID`,
  // Waits of sessions here; without a fingerprint, for sessions here too.
  `CREATE TABLE outgoing_wait (
    wait_id TEXT PRIMARY KEY,
    fingerprint TEXT REFERENCES peer (fingerprint) ON DELETE CASCADE,
    name TEXT NOT NULL,
    until TEXT NOT NULL,
    lease_id TEXT,
    state TEXT,
    sha TEXT,
    ends_ms INTEGER NOT NULL,
    stays INTEGER NOT NULL,
    outcome TEXT,
    ended_ms INTEGER
  ) STRICT, WITHOUT ROWID`,
];

/** All migrations; their number is the schema's version. */
export const migrations: readonly (readonly string[])[] = [
  first,
  second,
  third,
  fourth,
  fifth,
  sixth,
  // Names from before count as proposed: no record shows that a person chose one.
  [`ALTER TABLE peer ADD COLUMN named_by TEXT NOT NULL DEFAULT 'itself'`],
  ...[outboxLeaders, messages, waitCallers, delivery, trust, topics, sharedSubjects, tasks],
  messageEnds,
];
