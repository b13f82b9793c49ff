/** The leases in the database. Decides nothing about them. */

import type { Database } from "bun:sqlite";
import type { Lease } from "../core/sessions/lease.ts";
import { parsed, replaceSql } from "./stored.ts";

/** The leases of this machine. */
export interface LeaseTable {
  /** All leases by name; the same array while none has changed. */
  all(): readonly Lease[];
  put(lease: Lease): void;
  remove(name: string): void;
  /** A generation that was never used before; increments inside the transaction. */
  nextGeneration(): number;
}

type Row = Omit<Lease, "process" | "git" | "git_why"> & {
  readonly pid: number;
  readonly start_time: string;
  /** JSON of the git facts, or of the reason why there are none. */
  readonly git: string | null;
};

/** The lease table of a database. */
export function leaseTable(database: Database): LeaseTable {
  const put = database.query(
    replaceSql(
      "lease",
      "name generation harness session_id pid start_time cwd project run " +
        "started_boot_ms renewed_boot_ms git git_boot_ms summary summary_boot_ms state " +
        "state_since_boot_ms state_boot_ms lease_id",
    ),
  );
  const remove = database.query("DELETE FROM lease WHERE name = $name");
  const next = database.query<{ last: number }, []>(
    "UPDATE generation SET last = last + 1 RETURNING last",
  );
  const { all, changed } = keeping(database);
  return {
    all,
    put: ({ process, git, git_why, ...lease }) => {
      changed();
      const told = git ?? git_why;
      put.run({ ...lease, ...process, git: told === null ? null : JSON.stringify(told) });
    },
    remove: (name) => {
      changed();
      remove.run({ name });
    },
    nextGeneration: () => next.get()?.last ?? 1,
  };
}

/** Caches all leases, which every hello reads: the cache lasts until a lease changes. */
function keeping(database: Database) {
  const read = database.query<Row, []>("SELECT * FROM lease ORDER BY name");
  let kept: readonly Lease[] | null = null;
  let isChanged = false;
  const all = (): readonly Lease[] => {
    if (kept !== null) return kept;
    const leases = read.all().map(leaseOf);
    // A transaction's change may yet be rolled back.
    if (database.inTransaction && isChanged) return leases;
    isChanged = false;
    kept = leases;
    return leases;
  };
  const changed = (): void => {
    isChanged = true;
    kept = null;
  };
  return { all, changed };
}

function leaseOf({ pid, start_time, git, ...row }: Row): Lease {
  const told = git === null ? null : parsed<Lease["git"] | string>(git);
  const isReason = typeof told === "string";
  return {
    ...row,
    process: { pid, start_time },
    git: isReason ? null : told,
    git_why: isReason ? told : null,
  };
}
