/** A database that fails, at the record or at the commit, until it is mended. */

import { Database } from "bun:sqlite";
import { join } from "node:path";

/** The step at which a database fails. */
export type Failing = "record" | "commit";

const traps: Readonly<Record<Failing, string>> = {
  record: "SELECT RAISE(ABORT, 'broken by a test')",
  // Deferred, so that nothing is wrong until the commit looks at it.
  commit: "INSERT INTO broken_child VALUES (1)",
};

/** Makes every recording transaction of a home fail; returns the function that mends it. */
export function breakDatabase(home: string, failing: Failing, when = "true"): () => void {
  const change = (...statements: readonly string[]): void => {
    using database = new Database(join(home, "state.db"));
    database.run("PRAGMA busy_timeout = 1000");
    for (const statement of statements) database.run(statement);
  };
  change(
    "CREATE TABLE IF NOT EXISTS broken_parent (id INTEGER PRIMARY KEY)",
    `CREATE TABLE IF NOT EXISTS broken_child
     (id INTEGER REFERENCES broken_parent (id) DEFERRABLE INITIALLY DEFERRED)`,
    `CREATE TRIGGER broken AFTER INSERT ON audit WHEN ${when} BEGIN ${traps[failing]}; END`,
  );
  return () => change("DROP TRIGGER broken");
}

/** Rows of a query, read as another process would: uncommitted rows are absent. */
export function rowsOf(home: string, sql: string): readonly unknown[] {
  using database = new Database(join(home, "state.db"), { readonly: true });
  return database.query(sql).all();
}
