/**
 * Reads the records about subjects that this machine shares with a peer, in the order of the
 * subjects' ids; and the marks of abrupt ends. Writes nothing.
 */

import type { Database } from "bun:sqlite";
import type { AuditRecord } from "../../contract/audit.ts";
import type { SubjectPlace } from "../../contract/subjects/subjects.ts";
import { parsed } from "../stored.ts";

/** Records about shared subjects. */
export interface SubjectTable {
  /** A peer's records after a place, by subject and then by record; all kinds that have an id. */
  after(fingerprint: string, place: SubjectPlace, limit: number): readonly AuditRecord[];
  /** A peer's records of one subject after a record. */
  of(fingerprint: string, place: SubjectPlace, limit: number): readonly AuditRecord[];
  /** The records by which daemons noted that the former one ended abruptly. */
  interruptions(): readonly Pick<AuditRecord, "seq" | "at_ms" | "details">[];
  /** The last id with a peer that an archive file may hold; `any` for a file without that list. */
  lastArchived(fingerprint: string, any: string): string | null;
}

/** The shared subjects of a database. */
export function subjectTable(database: Database): SubjectTable {
  type Bound = [string, string, string, number, number];
  const after = database.query<AuditRecord, Bound>(
    `SELECT * FROM audit WHERE peer_fingerprint = ? AND subject_id >= ?
       AND (subject_id > ? OR seq > ?) AND direction <> 'local'
     ORDER BY subject_id, seq LIMIT ?`,
  );
  const of = database.query<AuditRecord, [string, string, number, number]>(
    `SELECT * FROM audit WHERE peer_fingerprint = ? AND subject_id = ? AND seq > ?
       AND direction <> 'local' ORDER BY seq LIMIT ?`,
  );
  const interruptions = database.query<Pick<AuditRecord, "seq" | "at_ms" | "details">, []>(
    `SELECT seq, at_ms, details FROM audit WHERE verb = 'trail' AND outcome = 'interrupted'
     ORDER BY seq`,
  );
  const archived = database.query<{ last_ids: string | null }, []>("SELECT last_ids FROM segment");
  return {
    after: (fingerprint, { subject_id, seq }, limit) =>
      after.all(fingerprint, subject_id, subject_id, seq, limit),
    of: (fingerprint, { subject_id, seq }, limit) => of.all(fingerprint, subject_id, seq, limit),
    interruptions: () => interruptions.all(),
    lastArchived: (fingerprint, any) => {
      const last = archived.all().flatMap(({ last_ids }) => {
        if (last_ids === null) return [any];
        const ids = parsed<Readonly<Record<string, string>>>(last_ids);
        return [ids[fingerprint] ?? "", ids[""] ?? ""];
      });
      return (
        last
          .filter((id) => id !== "")
          .sort()
          .at(-1) ?? null
      );
    },
  };
}

/** Finds shared subjects in the order of their ids, and the marks of abrupt ends. */
export const sharedSubjects: readonly string[] = [
  `CREATE INDEX audit_shared ON audit (peer_fingerprint, subject_id)
    WHERE peer_fingerprint IS NOT NULL AND subject_id IS NOT NULL`,
  `CREATE INDEX audit_marks ON audit (seq) WHERE verb = 'trail'`,
  // The last id of each peer in the file; null for a file of an earlier version.
  `ALTER TABLE segment ADD COLUMN last_ids TEXT`,
];
