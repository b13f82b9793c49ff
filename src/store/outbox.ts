/** The outbox in the database: deliveries to peers, and the elapsed time. Decides nothing. */

import type { Database, SQLQueryBindings } from "bun:sqlite";
import { outboxLookedAt } from "../contract/reach/limits.ts";
import type { Scope } from "../contract/terms.ts";
import type { Mark } from "../core/elapsed.ts";
import type { EntryHead, Queued } from "../core/outbox.ts";
import { insertSql, replaceSql } from "./stored.ts";

/** An entry with its content. */
export interface OutboxRow extends EntryHead {
  readonly body: string;
}

/** The size of one peer's queue. */
export interface PeerQueue {
  readonly fingerprint: string;
  readonly entries: number;
  readonly stuck: number;
}

/** Entries to deliver to peers. */
export interface OutboxTable {
  /** Queues an entry after the others of its rank. */
  add(entry: OutboxRow): void;
  /** Replaces the entry of the same kind and subject, as its next version. */
  replace(entry: OutboxRow): void;
  get(id: string): OutboxRow | null;
  /**
   * The first entry of each of a peer's subjects, in the order in which they leave. Reads them in
   * portions, and none of the entries behind them.
   */
  heads(fingerprint: string): Iterable<EntryHead>;
  /** True when a peer has an entry whose scope is not among these. */
  hasOtherScope(fingerprint: string, kept: readonly Scope[]): boolean;
  /** The entries of every peer, the oldest first. */
  all(limit: number): readonly EntryHead[];
  /** Ids with this ending. */
  alike(end: string): readonly string[];
  /** Saves the failures of an entry. */
  putFailures(entry: EntryHead): void;
  /** Removes a version of an entry; a later one stays. False when it did not exist. */
  remove(id: string, version: number): boolean;
  /** True when an entry of a kind about a subject waits. */
  has(entry: Pick<EntryHead, "fingerprint" | "kind" | "subject_id">): boolean;
  /** Removes the entries of a kind about a subject. */
  removeSubject(entry: Pick<EntryHead, "fingerprint" | "kind" | "subject_id">): void;
  /** Removes a peer's entries whose scope is not among these. */
  removeScopes(fingerprint: string, kept: readonly Scope[]): void;
  /** Removes everything that waits for a peer. */
  removePeer(fingerprint: string): void;
  queued(fingerprint: string, session: string | null): Queued;
  /** Peers with waiting entries. */
  peers(): readonly PeerQueue[];
  /** When the oldest entry was queued, in elapsed time; null when there is none. */
  oldestMs(): number | null;
  mark(): Mark | null;
  putMark(mark: Mark): void;
}

type StoredHead = Omit<EntryHead, "stuck"> & { readonly stuck: number };
type Stored = StoredHead & { readonly body: string };

const headColumns = [
  ...["id", "fingerprint", "kind", "lane", "rank", "subject_id", "scope", "session", "version"],
  ...["bytes", "queued_ms", "failures", "first_failure_ms", "stuck"],
];
const columns = [...headColumns, "body"];

/** Reads the first entries of a peer's subjects, from a rank and a number on. */
export const nextEntriesSql = `SELECT seq, ${headColumns.join(", ")} FROM outbox
  WHERE fingerprint = ? AND leads = 1 AND (rank, seq) > (?, ?) ORDER BY rank, seq LIMIT ?`;

/** The outbox of a database. */
export function outboxTable(database: Database): OutboxTable {
  const read = <R, P extends SQLQueryBindings[]>(sql: string) => database.query<R, P>(sql);
  const insert = database.query(insertSql("outbox", columns.join(" ")));
  const get = read<Stored, [string]>(`SELECT ${columns.join(", ")} FROM outbox WHERE id = ?`);
  const same = read<{ id: string; version: number }, [string, string, string]>(
    "SELECT id, version FROM outbox WHERE fingerprint = ? AND kind = ? AND subject_id = ?",
  );
  const put = database.query(
    `UPDATE outbox SET version = $version, bytes = $bytes, body = $body, scope = $scope,
      failures = 0, first_failure_ms = NULL, stuck = 0 WHERE id = $id`,
  );
  const failures = database.query(
    `UPDATE outbox SET failures = $failures, first_failure_ms = $first_failure_ms,
      stuck = $stuck WHERE id = $id`,
  );
  const add = (entry: OutboxRow): void => {
    insert.run({ ...entry, stuck: Number(entry.stuck) });
  };
  return {
    add,
    replace: (entry) => {
      const before = same.get(entry.fingerprint, entry.kind, entry.subject_id);
      if (before === null) return add(entry);
      const { bytes, body, scope } = entry;
      put.run({ id: before.id, version: before.version + 1, bytes, body, scope });
    },
    get: (id) => {
      const row = get.get(id);
      return row === null ? null : { ...row, stuck: row.stuck === 1 };
    },
    has: ({ fingerprint, kind, subject_id }) => same.get(fingerprint, kind, subject_id) !== null,
    putFailures: ({ id, failures: count, first_failure_ms, stuck }) => {
      failures.run({ id, failures: count, first_failure_ms, stuck: Number(stuck) });
    },
    ...listing(database),
    ...removing(database),
    ...counting(database),
    ...marking(database),
  };
}

const headOf = ({ stuck, ...row }: StoredHead): EntryHead => ({ ...row, stuck: stuck === 1 });

function listing(
  database: Database,
): Pick<OutboxTable, "heads" | "hasOtherScope" | "all" | "alike"> {
  const page = database.query<StoredHead & { seq: number }, [string, number, number, number]>(
    nextEntriesSql,
  );
  const all = database.query<StoredHead, [number]>(
    `SELECT ${headColumns.join(", ")} FROM outbox ORDER BY queued_ms, seq LIMIT ?`,
  );
  const other = database.query<{ found: number }, [string, string]>(
    `SELECT EXISTS (SELECT 1 FROM outbox WHERE fingerprint = ? AND scope IS NOT NULL
      AND scope NOT IN (SELECT value FROM json_each(?))) AS found`,
  );
  const alike = database.query<{ id: string }, [number, string]>(
    "SELECT id FROM outbox WHERE substr(id, ?) = ?",
  );
  function* heads(fingerprint: string): Generator<EntryHead> {
    let from: readonly [rank: number, seq: number] = [-1, -1];
    for (;;) {
      const rows = page.all(fingerprint, ...from, outboxLookedAt);
      for (const { seq, ...row } of rows) {
        from = [row.rank, seq];
        yield headOf(row);
      }
      if (rows.length < outboxLookedAt) return;
    }
  }
  return {
    heads,
    hasOtherScope: (fingerprint, kept) => other.get(fingerprint, JSON.stringify(kept))?.found === 1,
    all: (limit) => all.all(limit).map(headOf),
    alike: (end) => alike.all(-end.length, end).map(({ id }) => id),
  };
}

function removing(
  database: Database,
): Pick<OutboxTable, "remove" | "removeSubject" | "removeScopes" | "removePeer"> {
  const one = database.query("DELETE FROM outbox WHERE id = ? AND version = ?");
  const subject = database.query(
    "DELETE FROM outbox WHERE fingerprint = ? AND kind = ? AND subject_id = ?",
  );
  const scopes = database.query(
    `DELETE FROM outbox WHERE fingerprint = ? AND scope IS NOT NULL
      AND scope NOT IN (SELECT value FROM json_each(?))`,
  );
  const peer = database.query("DELETE FROM outbox WHERE fingerprint = ?");
  return {
    remove: (id, version) => one.run(id, version).changes > 0,
    removeSubject: ({ fingerprint, kind, subject_id }) => {
      subject.run(fingerprint, kind, subject_id);
    },
    removeScopes: (fingerprint, kept) => {
      scopes.run(fingerprint, JSON.stringify(kept));
    },
    removePeer: (fingerprint) => {
      peer.run(fingerprint);
    },
  };
}

function counting(database: Database): Pick<OutboxTable, "queued" | "peers" | "oldestMs"> {
  const totals = database.query<{ lane: string; entries: number; bytes: number }, [string]>(
    "SELECT lane, entries, bytes FROM outbox_total WHERE fingerprint = ?",
  );
  const allBytes = database.query<{ bytes: number | null }, []>(
    "SELECT sum(bytes) AS bytes FROM outbox_total WHERE lane = 'text'",
  );
  const ofSession = database.query<{ count: number }, [string]>(
    "SELECT count(*) AS count FROM outbox WHERE session = ?",
  );
  const peers = database.query<PeerQueue, []>(
    `SELECT fingerprint, sum(entries) AS entries, (SELECT count(*) FROM outbox
      WHERE outbox.fingerprint = outbox_total.fingerprint AND stuck = 1) AS stuck
     FROM outbox_total GROUP BY fingerprint ORDER BY fingerprint`,
  );
  const oldest = database.query<{ oldest: number | null }, []>(
    "SELECT min(queued_ms) AS oldest FROM outbox",
  );
  return {
    queued: (fingerprint, session) => {
      const lanes = totals.all(fingerprint);
      const text = lanes.find(({ lane }) => lane === "text");
      return {
        control: lanes.find(({ lane }) => lane === "control")?.entries ?? 0,
        text: text?.entries ?? 0,
        textBytes: text?.bytes ?? 0,
        session: session === null ? 0 : (ofSession.get(session)?.count ?? 0),
        allBytes: allBytes.get()?.bytes ?? 0,
      };
    },
    peers: () => peers.all(),
    oldestMs: () => oldest.get()?.oldest ?? null,
  };
}

function marking(database: Database): Pick<OutboxTable, "mark" | "putMark"> {
  const mark = database.query<Mark, []>("SELECT total_ms, run, boot_ms, wall_ms FROM elapsed");
  const put = database.query(replaceSql("elapsed", "one total_ms run boot_ms wall_ms"));
  return {
    mark: () => mark.get(),
    putMark: (row) => {
      put.run({ one: 1, ...row });
    },
  };
}
