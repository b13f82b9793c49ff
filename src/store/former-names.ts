/** Former names of peers, each with its key. */

import type { Database } from "bun:sqlite";
import { replaceSql } from "./stored.ts";

/** The name of a peer before it was renamed or unpaired. */
export interface FormerName {
  readonly name: string;
  readonly fingerprint: string;
  readonly removed_at_ms: number;
}

/** Former names of peers. */
export interface FormerNameTable {
  /** All former names that were given up since an instant. */
  formerNames(fromMs: number): readonly FormerName[];
  /** Keeps a former name; it replaces one of the same text. */
  putFormerName(former: FormerName): void;
  /** Removes the former names that were given up before an instant. */
  forgetFormerNames(beforeMs: number): void;
}

/** The former names of a database. */
export function formerNameTable(database: Database): FormerNameTable {
  const since = database.query<FormerName, [number]>(
    "SELECT name, fingerprint, removed_at_ms FROM former_name WHERE removed_at_ms >= ?",
  );
  const put = database.query(replaceSql("former_name", "name fingerprint removed_at_ms"));
  const forget = database.query("DELETE FROM former_name WHERE removed_at_ms < ?");
  return {
    formerNames: (fromMs) => since.all(fromMs),
    putFormerName: (former) => {
      put.run({ ...former });
    },
    forgetFormerNames: (beforeMs) => {
      forget.run(beforeMs);
    },
  };
}
