/**
 * Records as people read them: the two records of one question share a line. Loads nothing, so that
 * the page and the command line may both use it.
 */

import type { AuditRecord } from "../audit.ts";

/** One line of a listing. */
export interface AuditLine {
  /** The record of the outcome, or the only record. */
  readonly record: AuditRecord;
  /** The record of the question that left, when `record` holds its outcome. */
  readonly asked: AuditRecord | null;
  readonly text: string | null;
  /** True when a question left and no record holds its outcome. */
  readonly isOpen: boolean;
}

const isAsked = ({ outcome, subject_id }: AuditRecord): boolean =>
  outcome === "asked" && subject_id !== null;

/** The lines of records in any order; a line stands where the later record of its pair stood. */
export function linesOf(records: readonly AuditRecord[]): readonly AuditLine[] {
  const asked = new Map<string, AuditRecord>();
  const answers = new Map<string, AuditRecord>();
  for (const record of records) {
    if (record.subject_id === null || record.direction !== "out") continue;
    if (isAsked(record)) asked.set(record.subject_id, record);
    else {
      // A task has a record for each of its states: its question shares the line of the first one.
      const first = answers.get(record.subject_id);
      if (first === undefined || record.seq < first.seq) answers.set(record.subject_id, record);
    }
  }
  return records.flatMap((record): readonly AuditLine[] => {
    const { subject_id, text, direction } = record;
    if (isAsked(record)) {
      return answers.has(subject_id ?? "") ? [] : [{ record, asked: null, text, isOpen: true }];
    }
    const before = direction === "out" ? (asked.get(subject_id ?? "") ?? null) : null;
    const isFirst = record === answers.get(subject_id ?? "");
    const shared = isFirst ? before : null;
    return [{ record, asked: shared, text: text ?? before?.text ?? null, isOpen: false }];
  });
}
