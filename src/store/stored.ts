/** Reads columns that this store itself wrote; any other content is damage. */

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
