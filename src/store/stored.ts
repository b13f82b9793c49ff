/** Reads what this store itself wrote in a column; anything else there is damage. */

import { PeernetError } from "../contract/errors.ts";

/** A value from the JSON text of a column. @throws {database_damaged} */
export function parsed<T>(text: string): T {
  try {
    // What stands there was written from a T by this store alone.
    return JSON.parse(text) as T;
  } catch {
    throw new PeernetError("database_damaged");
  }
}
