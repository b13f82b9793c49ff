/** A store on real files in a folder of its own, and a second connection to look at them. */

import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditDraft, seal } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import { openStore, type Store } from "../../src/store/database.ts";

/** A temporary folder that is gone after the block. */
export interface Folder extends Disposable {
  readonly path: string;
  /** The path of a database in it. */
  readonly database: string;
}

/** Makes a folder, in the place for temporary ones unless another is given. */
export function folder(inside: string = tmpdir()): Folder {
  const path = mkdtempSync(join(inside, "peernet-store-"));
  return {
    path,
    database: join(path, "state.db"),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Opens the store at a path as the daemon does, but for when its commits are. */
export const open = (path: string, defer: (run: () => void) => void = setImmediate): Store =>
  openStore({ path, seal: (previous, draft) => seal(previous, draft, sha256), defer });

/** A store in a test's hands. */
export interface Opened extends Disposable {
  readonly path: string;
  readonly store: Store;
  /** Another connection to the same file. */
  readonly other: Database;
  /** The number of requested commits that have not come yet. */
  readonly waiting: () => number;
  /** Lets the commits come that were asked for. */
  readonly flush: () => void;
  /** Values of one column, as another process would read them. */
  readonly seen: (sql: string) => readonly unknown[];
}

/** Opens a store in a fresh folder; commits come when the test lets them. */
export function opened(): Opened {
  const home = folder();
  const deferred: (() => void)[] = [];
  const store = open(home.database, (run) => deferred.push(run));
  const other = new Database(home.database, { readwrite: true, strict: true });
  return {
    path: home.database,
    store,
    other,
    waiting: () => deferred.length,
    flush: () => {
      for (const run of deferred.splice(0)) run();
    },
    seen: (sql) => other.query<unknown, []>(sql).values().flat(),
    [Symbol.dispose]: () => {
      other.close();
      store.close();
      home[Symbol.dispose]();
    },
  };
}

/** A record of nothing in particular. */
export const draft = (more: Partial<AuditDraft> = {}): AuditDraft => ({
  at_ms: 1_800_000_000_000,
  direction: "in",
  verb: "ask",
  outcome: "ok",
  ...more,
});

/** The error that a function throws. @throws when it throws none */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
