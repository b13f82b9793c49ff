/** Expected machines in the database. Decides nothing. */

import type { Database } from "bun:sqlite";
import type { ExpectedRow } from "../../core/trust.ts";
import { parsed, replaceSql } from "../stored.ts";

/** Expected machines, and the lines of root's files that have acted. */
export interface ExpectedTable {
  all(): readonly ExpectedRow[];
  get(fingerprint: string): ExpectedRow | null;
  put(row: ExpectedRow): void;
  remove(fingerprint: string): void;
  /** The last line about a machine that has acted; null when none has. */
  line(fingerprint: string): string | null;
  putLine(fingerprint: string, line: string): void;
}

type Stored = Omit<ExpectedRow, "given"> & { readonly given: string };

/** The expected machines of a database. */
export function expectedTable(database: Database): ExpectedTable {
  const all = database.query<Stored, []>("SELECT * FROM expected ORDER BY fingerprint");
  const get = database.query<Stored, [string]>("SELECT * FROM expected WHERE fingerprint = ?");
  const put = database.query(
    replaceSql("expected", "fingerprint name host port given since_ms met_ms jti issued_at_ms"),
  );
  const remove = database.query("DELETE FROM expected WHERE fingerprint = ?");
  const line = database.query<{ line: string }, [string]>(
    "SELECT line FROM trusted_line WHERE fingerprint = ?",
  );
  const putLine = database.query(replaceSql("trusted_line", "fingerprint line"));
  const rowOf = (row: Stored): ExpectedRow => ({ ...row, given: parsed(row.given) });
  return {
    all: () => all.all().map(rowOf),
    get: (fingerprint) => {
      const row = get.get(fingerprint);
      return row === null ? null : rowOf(row);
    },
    put: (row) => {
      put.run({ ...row, given: JSON.stringify(row.given) });
    },
    remove: (fingerprint) => {
      remove.run(fingerprint);
    },
    line: (fingerprint) => line.get(fingerprint)?.line ?? null,
    putLine: (fingerprint, text) => {
      putLine.run({ fingerprint, line: text });
    },
  };
}
