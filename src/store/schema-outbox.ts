/** Steps of the schema about the outbox and waits. */

/**
 * Marks the first entry of its subject, which alone may leave: the next entry of a long queue is
 * found without the others.
 */
export const outboxLeaders: readonly string[] = [
  `ALTER TABLE outbox ADD COLUMN leads INTEGER NOT NULL DEFAULT 0`,
  `CREATE INDEX outbox_line ON outbox (fingerprint, lane, subject_id, rank, seq)`,
  `UPDATE outbox SET leads = 1 WHERE NOT EXISTS (SELECT 1 FROM outbox AS other
    WHERE other.fingerprint = outbox.fingerprint AND other.lane = outbox.lane
      AND other.subject_id = outbox.subject_id
      AND (other.rank, other.seq) < (outbox.rank, outbox.seq))`,
  `CREATE INDEX outbox_leads ON outbox (fingerprint, rank, seq) WHERE leads = 1`,
  `CREATE INDEX outbox_stuck ON outbox (fingerprint) WHERE stuck = 1`,
  `DROP INDEX outbox_order`,
  `CREATE TRIGGER outbox_joins AFTER INSERT ON outbox
    BEGIN UPDATE outbox SET leads = 0 WHERE fingerprint = NEW.fingerprint AND lane = NEW.lane
      AND subject_id = NEW.subject_id AND rank > NEW.rank AND leads = 1;
    UPDATE outbox SET leads = 1 WHERE seq = NEW.seq AND NOT EXISTS (SELECT 1 FROM outbox AS other
      WHERE other.fingerprint = NEW.fingerprint AND other.lane = NEW.lane
        AND other.subject_id = NEW.subject_id
        AND (other.rank, other.seq) < (NEW.rank, NEW.seq)); END`,
  `CREATE TRIGGER outbox_leaves AFTER DELETE ON outbox WHEN OLD.leads = 1
    BEGIN UPDATE outbox SET leads = 1 WHERE seq = (SELECT seq FROM outbox AS next
      WHERE next.fingerprint = OLD.fingerprint AND next.lane = OLD.lane
        AND next.subject_id = OLD.subject_id ORDER BY rank, seq LIMIT 1); END`,
];

/** Keeps the handle of a waiting session, for the record of the wait's end. */
export const waitCallers: readonly string[] = [
  `ALTER TABLE outgoing_wait ADD COLUMN from_handle TEXT`,
];
