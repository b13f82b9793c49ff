/** Finds messages by the end of their id, which is what people and replies give. */

import type { Database } from "bun:sqlite";

const bareId = "replace(message_id, '-', '')";

/** Looks in the index of the last four digits, then compares the others. */
export const endingSql = `WHERE substr(${bareId}, -4) = ? AND substr(${bareId}, ?) = ?`;

/** Finds the rows whose id has an ending; dashes and case are ignored. */
export function endingIn<Row>(database: Database, columns: readonly string[]) {
  const from = `SELECT ${columns.join(", ")} FROM message`;
  const indexed = database.query<Row, [string, number, string]>(`${from} ${endingSql}`);
  const all = database.query<Row, [number, string]>(`${from} WHERE substr(${bareId}, ?) = ?`);
  return (end: string): readonly Row[] => {
    const bare = end.replaceAll("-", "").toLowerCase();
    // A shorter end is not in the index.
    if (bare.length < 4) return all.all(-bare.length, bare);
    return indexed.all(bare.slice(-4), -bare.length, bare);
  };
}
