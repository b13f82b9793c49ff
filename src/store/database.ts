/**
 * The one database of a state folder: opens it, migrates it, and makes each transaction durable
 * before it answers. The only file that begins and commits; refuses an unknown schema.
 */

import { Database } from "bun:sqlite";
import { PeernetError } from "../contract/errors.ts";
import { type AuditTable, auditTable, type OwnedAudit, type Seal } from "./audit.ts";
import { type HandoverTable, handoverTable } from "./delivery/handovers.ts";
import { type ReaderTable, readerTable } from "./delivery/readers.ts";
import { type LeaseTable, leaseTable } from "./leases.ts";
import { type MailboxTable, mailboxTable } from "./messages/mailboxes.ts";
import { type MessageTable, messageTable } from "./messages/messages.ts";
import { type OutboxTable, outboxTable } from "./outbox.ts";
import { type PeerTable, peerTable } from "./peers.ts";
import { migrations } from "./schema.ts";
import { type SegmentTable, segmentTable } from "./segments.ts";
import { type SessionTable, sessionTable } from "./sessions.ts";
import { nameOf } from "./sqlite-errors.ts";
import { type SubjectTable, subjectTable } from "./subjects/subjects.ts";
import { type TaskTable, taskTable } from "./tasks/tasks.ts";
import { type SubscriptionTable, subscriptionTable } from "./topics/subscriptions.ts";
import { type ExpectedTable, expectedTable } from "./trust/expected.ts";
import { type WaitTable, waitTable } from "./waits.ts";

/** The tables of one database. Reads may stand alone; writes belong in `transact`. */
export interface Tables {
  readonly leases: LeaseTable;
  readonly sessions: SessionTable;
  readonly peers: PeerTable;
  readonly audit: AuditTable;
  readonly outbox: OutboxTable;
  readonly expected: ExpectedTable;
  readonly waits: WaitTable;
  readonly messages: MessageTable;
  readonly mailboxes: MailboxTable;
  readonly subscriptions: SubscriptionTable;
  readonly handovers: HandoverTable;
  readonly readers: ReaderTable;
  readonly segments: SegmentTable;
  readonly subjects: SubjectTable;
  readonly tasks: TaskTable;
}

/** The return of a synchronous decision: its value, and an action for after the commit. */
export interface Decided<T> {
  readonly value: T;
  /** Runs after the commit: events, memory, sockets. */
  readonly after?: () => void;
}

/** An open database. */
export interface Store {
  readonly tables: Tables;
  /**
   * Runs a synchronous decision in a transaction and resolves once it is durable. Decisions queued
   * together share one commit; one that throws undoes only itself.
   * @throws {storage_full} {database_damaged} {internal}, with nothing changed
   */
  transact<T>(decide: (tables: Tables) => Decided<T>): Promise<T>;
  close(): void;
}

interface Job {
  readonly run: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/** Dependencies of the store, besides a path. */
export interface StoreOptions {
  readonly path: string;
  readonly seal: Seal;
  /** Runs a function after the requests that have already arrived. */
  readonly defer: (run: () => void) => void;
}

/** Opens or creates the database. @throws {database_newer} {database_damaged} {storage_full} */
export function openStore(options: StoreOptions): Store {
  const database = naming(() => fitting(() => openDatabase(options.path)));
  const audit = naming(() =>
    closedOnError(database, () => fitting(() => auditTable(database, options.seal))),
  );
  const tables = naming(() => closedOnError(database, () => tablesOf(database, audit.table)));
  const steps = { ...stepsOf(database), audit };
  let queue: Job[] = [];
  let isClosed = false;
  const flush = (): void => {
    const jobs = queue;
    queue = [];
    if (jobs.length > 0) commitTogether(database, steps, jobs);
  };
  const transact = <T>(decide: (tables: Tables) => Decided<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (isClosed) return reject(new PeernetError("daemon_not_running"));
      let decided: Decided<T> | undefined;
      queue.push({
        run: () => {
          decided = decide(tables);
        },
        settle: () => {
          if (decided === undefined) return reject(new PeernetError("internal"));
          decided.after?.();
          resolve(decided.value);
        },
        fail: reject,
      });
      if (queue.length === 1) options.defer(flush);
    });
  const close = (): void => {
    flush();
    isClosed = true;
    database.close();
  };
  return { tables, transact, close };
}

function openDatabase(path: string): Database {
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  return closedOnError(database, () => {
    // The wait first: the switch to WAL itself does not wait.
    database.run("PRAGMA busy_timeout = 5000");
    refuseNewer(database);
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = FULL");
    database.run("PRAGMA fullfsync = ON");
    database.run("PRAGMA foreign_keys = ON");
    database.run("PRAGMA trusted_schema = OFF");
    // SQLite puts no part of it into another folder, not even for a moment.
    database.run("PRAGMA temp_store = MEMORY");
    migrate(database);
    return database;
  });
}

const tablesOf = (database: Database, audit: AuditTable): Tables =>
  fitting(() => ({
    leases: leaseTable(database),
    sessions: sessionTable(database),
    peers: peerTable(database),
    outbox: outboxTable(database),
    waits: waitTable(database),
    expected: expectedTable(database),
    messages: messageTable(database),
    mailboxes: mailboxTable(database),
    subscriptions: subscriptionTable(database),
    handovers: handoverTable(database),
    readers: readerTable(database),
    audit,
    segments: segmentTable(database),
    subjects: subjectTable(database),
    tasks: taskTable(database),
  }));

function closedOnError<T>(database: Database, run: () => T): T {
  try {
    return run();
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Runs statements of the store; one that fails means that no version of this store wrote the file.
 */
function fitting<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const isForeign = error instanceof Error && "code" in error && error.code === "SQLITE_ERROR";
    throw isForeign ? new PeernetError("database_damaged") : error;
  }
}

function migrate(database: Database): void {
  database
    .transaction(() => {
      const version = refuseNewer(database);
      for (const statements of migrations.slice(version)) {
        for (const statement of statements) database.run(statement);
      }
      database.run(`PRAGMA user_version = ${migrations.length}`);
    })
    .immediate();
}

/** The version of a schema. Also read before the journal mode is set, since that writes. */
function refuseNewer(database: Database): number {
  const row = database.query<{ user_version: number }, []>("PRAGMA user_version").get();
  const version = row?.user_version ?? 0;
  if (version <= migrations.length) return version;
  throw new PeernetError("database_newer", {
    message: `the database has schema ${version}; this version knows ${migrations.length}`,
  });
}

/** The statements of every transaction, prepared once. */
const stepsOf = (database: Database) => ({
  begin: database.query("BEGIN IMMEDIATE"),
  commit: database.query("COMMIT"),
  save: database.query("SAVEPOINT job"),
  release: database.query("RELEASE job"),
});
type Steps = ReturnType<typeof stepsOf> & { readonly audit: OwnedAudit };

function commitTogether(database: Database, steps: Steps, jobs: readonly Job[]): void {
  const done: Job[] = [];
  const failed: { readonly job: Job; readonly error: unknown }[] = [];
  try {
    steps.begin.run();
    steps.audit.begin();
    for (const job of jobs) {
      const error = inSavepoint(database, steps, job);
      if (error === null) done.push(job);
      else failed.push({ job, error });
      // A full disk ends the whole transaction, not only the savepoint.
      if (!database.inTransaction) throw error;
    }
    const own = steps.audit.commit();
    steps.commit.run();
    own();
  } catch (error) {
    if (database.inTransaction) database.run("ROLLBACK");
    const named = nameOf(error);
    for (const job of jobs) job.fail(named);
    return;
  }
  for (const { job, error } of failed) job.fail(nameOf(error));
  for (const job of done) settle(job);
}

/**
 * Settles one job after the commit. An error in its own code rejects it alone, so that the others
 * still resolve.
 */
function settle(job: Job): void {
  try {
    job.settle();
  } catch (error) {
    job.fail(error);
  }
}

function inSavepoint(database: Database, { save, release }: Steps, job: Job): unknown {
  save.run();
  try {
    job.run();
    release.run();
    return null;
  } catch (error) {
    if (database.inTransaction) {
      database.run("ROLLBACK TO job");
      release.run();
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
