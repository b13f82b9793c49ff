/** The content of a home's database, as another process would read it. */

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

/** The number of requests from others that a home granted, of any kind. */
export function grantedIn(folder: string): number {
  const database = new Database(join(folder, "state.db"), { readwrite: true });
  const sql = "SELECT count(*) FROM audit WHERE direction = 'in' AND outcome = 'ok'";
  const [[count = Number.NaN] = []] = database.query<number, []>(sql).values();
  database.close();
  return Number(count);
}

/** The number of these threads that a trail does not hold. */
export const missing = (threads: readonly string[], held: ReadonlySet<string>): number =>
  threads.filter((thread) => !held.has(thread)).length;
