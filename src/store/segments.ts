/** The index of the trail's segments in files; removes their records from the database. */

import type { Database } from "bun:sqlite";
import type { AuditSegment } from "../contract/audit.ts";
import { insertSql } from "./stored.ts";

/** A record of the first form, as it was stored. */
type FirstRecord = Readonly<Record<string, string | number | null>>;

/** The segments that were moved to files. */
export interface SegmentTable {
  /** Segments of the first form, then those of this trail, each in the order of their records. */
  all(): readonly AuditSegment[];
  /**
   * Notes a segment and removes its records; only inside a transaction that records it. `marked` is
   * the last id that an abrupt end among them explains.
   */
  close(segment: AuditSegment, marked: string | null): void;
  /** Records of the first form after a number, which are not part of this trail. */
  first(afterSeq: number, limit: number): readonly FirstRecord[];
}

/** The segment table of a database. */
export function segmentTable(database: Database): SegmentTable {
  const all = database.query<AuditSegment, []>(
    `SELECT file, form, trail_id, from_seq, to_seq, hash, sha256 FROM segment
     ORDER BY form, from_seq`,
  );
  const put = database.query(
    insertSql("segment", "file form trail_id from_seq to_seq hash sha256 last_ids"),
  );
  const lastIds = database.query<{ peer: string; id: string }, [number]>(
    `SELECT peer_fingerprint AS peer, max(subject_id) AS id FROM audit
     WHERE seq <= ? AND peer_fingerprint IS NOT NULL AND subject_id IS NOT NULL GROUP BY peer`,
  );
  /** The last id of each peer, and of the marks, among the records of a segment. */
  const lastIdsOf = ({ form, to_seq }: AuditSegment, marked: string | null): string | null => {
    if (form === 1) return null;
    const ids = lastIds.all(to_seq).map(({ peer, id }) => [peer, id] as const);
    return JSON.stringify(Object.fromEntries([...ids, ...(marked ? [["", marked]] : [])]));
  };
  const cut = database.query("DELETE FROM audit WHERE seq <= ?");
  const cutFirst = database.query("DELETE FROM audit_v1 WHERE seq <= ?");
  const first = database.query<FirstRecord, [number, number]>(
    "SELECT * FROM audit_v1 WHERE seq > ? ORDER BY seq LIMIT ?",
  );
  return {
    all: () => all.all(),
    close: (segment, marked) => {
      put.run({ ...segment, last_ids: lastIdsOf(segment, marked) });
      (segment.form === 1 ? cutFirst : cut).run(segment.to_seq);
    },
    first: (afterSeq, limit) => first.all(afterSeq, limit),
  };
}
