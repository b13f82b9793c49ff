/**
 * The one database of a home: opening, migrating, and transactions that are durable before they
 * answer. The only file that begins and commits; refuses to guess at a schema it does not know.
 */

import { Database } from "bun:sqlite";
import { PeernetError } from "../contract/errors.ts";
import { type AuditTable, auditTable, type Seal } from "./audit.ts";
import { type LeaseTable, leaseTable } from "./leases.ts";
import { type PeerTable, peerTable } from "./peers.ts";
import { migrations } from "./schema.ts";

/** The tables of one database. Reads may stand alone; writes belong in `transact`. */
export interface Tables {
  readonly leases: LeaseTable;
  readonly peers: PeerTable;
  readonly audit: AuditTable;
}

/** What a synchronous decision returns: its value, and what to do once it is durable. */
export interface Decided<T> {
  readonly value: T;
  /** Runs after the commit: events, memory, sockets. */
  readonly after?: () => void;
}

/** An open database. */
export interface Store {
  readonly tables: Tables;
  /**
   * Runs a synchronous decision in a transaction and resolves once it is durable. Decisions
   * queued together share one commit; one that throws undoes only itself.
   * @throws {storage_full} {database_damaged} {internal} and then nothing is changed
   */
  transact<T>(decide: (tables: Tables) => Decided<T>): Promise<T>;
  close(): void;
}

interface Job {
  readonly run: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/** What the store needs besides a path. */
export interface StoreOptions {
  readonly path: string;
  readonly seal: Seal;
  /** Runs a function soon, after the requests that are already here. */
  readonly defer: (run: () => void) => void;
}

/** Opens or creates the database. @throws {database_newer} {database_damaged} {storage_full} */
export function openStore(options: StoreOptions): Store {
  const database = naming(() => openDatabase(options.path));
  const tables: Tables = {
    leases: leaseTable(database),
    peers: peerTable(database),
    audit: auditTable(database, options.seal),
  };
  let queue: Job[] = [];
  const flush = (): void => {
    const jobs = queue;
    queue = [];
    if (jobs.length > 0) commitTogether(database, jobs);
  };
  const transact = <T>(decide: (tables: Tables) => Decided<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      let decided: Decided<T> | undefined;
      queue.push({
        run: () => {
          decided = decide(tables);
        },
        settle: () => {
          if (decided === undefined) return reject(new PeernetError("internal"));
          resolve(decided.value);
          decided.after?.();
        },
        fail: reject,
      });
      if (queue.length === 1) options.defer(flush);
    });
  const close = (): void => {
    flush();
    database.close();
  };
  return { tables, transact, close };
}

function openDatabase(path: string): Database {
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  try {
    // The wait first: the switch to WAL itself does not wait.
    database.run("PRAGMA busy_timeout = 5000");
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = FULL");
    database.run("PRAGMA fullfsync = ON");
    database.run("PRAGMA foreign_keys = ON");
    database.run("PRAGMA trusted_schema = OFF");
    migrate(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function migrate(database: Database): void {
  database
    .transaction(() => {
      const version = versionOf(database);
      if (version > migrations.length) {
        throw new PeernetError("database_newer", {
          message: `the database has schema ${version}; this version knows ${migrations.length}`,
        });
      }
      for (const statements of migrations.slice(version)) {
        for (const statement of statements) database.run(statement);
      }
      database.run(`PRAGMA user_version = ${migrations.length}`);
    })
    .immediate();
}

function versionOf(database: Database): number {
  const row = database.query<{ user_version: number }, []>("PRAGMA user_version").get();
  return row?.user_version ?? 0;
}

function commitTogether(database: Database, jobs: readonly Job[]): void {
  const done: Job[] = [];
  const failed: { readonly job: Job; readonly error: unknown }[] = [];
  try {
    database.run("BEGIN IMMEDIATE");
    for (const job of jobs) {
      const error = inSavepoint(database, job);
      if (error === null) done.push(job);
      else failed.push({ job, error });
      // A full disk ends the whole transaction, not only the savepoint.
      if (!database.inTransaction) throw error;
    }
    database.run("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.run("ROLLBACK");
    const named = nameOf(error);
    for (const job of jobs) job.fail(named);
    return;
  }
  for (const { job, error } of failed) job.fail(nameOf(error));
  for (const job of done) settle(job);
}

/** What one job does after the commit must not keep the others from hearing of it. */
function settle(job: Job): void {
  try {
    job.settle();
  } catch (error) {
    job.fail(error);
  }
}

function inSavepoint(database: Database, job: Job): unknown {
  database.run("SAVEPOINT job");
  try {
    job.run();
    database.run("RELEASE job");
    return null;
  } catch (error) {
    if (database.inTransaction) {
      database.run("ROLLBACK TO job");
      database.run("RELEASE job");
    }
    return error ?? new PeernetError("internal");
  }
}

function naming<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw nameOf(error);
  }
}

function nameOf(error: unknown): Error {
  if (error instanceof PeernetError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "SQLITE_FULL") return new PeernetError("storage_full");
  if (code.startsWith("SQLITE_IOERR")) {
    return new PeernetError("storage_full", {
      message: `the disk failed to write (${code})`,
      hint: "check the disk that holds the state folder",
    });
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return new PeernetError("database_damaged");
  if (code === "SQLITE_CANTOPEN") {
    return new PeernetError("state_unsafe", { message: "the database cannot be opened" });
  }
  return error instanceof Error ? error : new PeernetError("internal");
}
