/** What the database of a home holds, read as another process would. */

import { Database } from "bun:sqlite";
import { join } from "node:path";

/** The threads of asks of a direction that were answered, as a home's trail has them. */
export function threadsOf(folder: string, direction: "in" | "out"): ReadonlySet<string> {
  const database = new Database(join(folder, "state.db"), { readwrite: true });
  const sql = "SELECT thread_id FROM audit WHERE verb = 'ask' AND outcome = 'ok' AND direction = ?";
  const rows = database.query<string, [string]>(sql).values(direction);
  database.close();
  return new Set(rows.flat().map(String));
}

/** How much others asked of a home that was granted, whatever it was. */
export function grantedIn(folder: string): number {
  const database = new Database(join(folder, "state.db"), { readwrite: true });
  const sql = "SELECT count(*) FROM audit WHERE direction = 'in' AND outcome = 'ok'";
  const [[count = Number.NaN] = []] = database.query<number, []>(sql).values();
  database.close();
  return Number(count);
}

/** How many of these threads a trail does not hold. */
export const missing = (threads: readonly string[], held: ReadonlySet<string>): number =>
  threads.filter((thread) => !held.has(thread)).length;
