/** Writes rows by the names of their columns, and reads what this store itself wrote there. */

import { PeernetError } from "../contract/errors.ts";

/** A value from the JSON text of a column. @throws {database_damaged} */
export function parsed<T>(text: string): T {
  try {
    // Only this store writes the column, from a T.
    return JSON.parse(text) as T;
  } catch {
    throw new PeernetError("database_damaged");
  }
}

/** Inserts a row; the text lists its columns, and each takes the parameter of its name. */
export const insertSql = (table: string, columns: string): string => insertion(table, columns, "");

/** Inserts a row like `insertSql`, replacing the row with the same key. */
export const replaceSql = (table: string, columns: string): string =>
  insertion(table, columns, " OR REPLACE");

function insertion(table: string, columns: string, conflict: string): string {
  const names = columns.split(" ");
  const values = names.map((name) => `$${name}`);
  return `INSERT${conflict} INTO ${table} (${names.join(", ")}) VALUES (${values.join(", ")})`;
}
