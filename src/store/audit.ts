/**
 * The audit trail in the database: appends sealed records and reads them back. Triggers make it
 * append-only; the core decides whether the chain holds.
 */

import type { Database, SQLQueryBindings } from "bun:sqlite";
import { type AuditRecord, genesis, type Head, quietVerbs, type Verb } from "../contract/audit.ts";
import { PeernetError } from "../contract/errors.ts";
import type { AuditDraft } from "../core/audit-chain.ts";
import { insertSql } from "./stored.ts";

/** Makes a draft the next record of a chain. */
export type Seal = (previous: Head, draft: AuditDraft) => AuditRecord;

/** The filter of a listing. */
export interface AuditFilter {
  readonly peerFingerprint?: string | undefined;
  readonly handle?: string | undefined;
  readonly verb?: Verb | undefined;
  readonly threadId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly sinceAtMs?: number | undefined;
  readonly beforeSeq?: number | undefined;
  readonly afterSeq?: number | undefined;
  /** True to include the records that peernet made by itself. */
  readonly all: boolean;
}

/** Ids with the same ending. */
export interface IdsAlike {
  readonly subjects: readonly { readonly id: string; readonly verb: Verb }[];
  readonly threads: readonly string[];
}

/** The audit trail. */
export interface AuditTable {
  /** Seals a draft to the head and appends it; only inside a transaction. */
  append(draft: AuditDraft): AuditRecord;
  head(): Head;
  /** The head that this process wrote, or found when it opened the database. */
  ownHead(): Head;
  /** The id in the trail's first record, or null when there is none. */
  trailId(): string | null;
  /** The numbers of records, and of those that peernet made by itself, since an instant. */
  count(sinceAtMs: number): { readonly total: number; readonly lease_events: number };
  countOf(peerFingerprint: string): number;
  /** The newest matching records, oldest first. */
  newest(filter: AuditFilter, limit: number): readonly AuditRecord[];
  /** The oldest matching records after `afterSeq`, oldest first. */
  next(filter: AuditFilter & { readonly afterSeq: number }, limit: number): readonly AuditRecord[];
  at(seq: number): AuditRecord | null;
  /** Subjects and threads whose ids have these last four characters. */
  idsAlike(lastFour: string): IdsAlike;
  /** The number of the first record since an instant, or null. */
  firstSince(atMs: number): number | null;
}

const columns =
  "seq at_ms direction verb peer_fingerprint peer_name origin_address origin_transport " +
  "origin_node origin_login handle from_handle harness text outcome thread_id " +
  "subject_id content_sha256 details count prev_hash hash";
const quietVerbList = quietVerbs.map((verb) => `'${verb}'`).join(", ");
/**
 * Matches records that peernet makes by itself, besides those verbs: the name that a machine sends
 * after a pairing, and doctor's own asks.
 */
const quiet = `(verb IN (${quietVerbList}) OR (verb = 'rename' AND direction = 'in')
  OR (verb = 'ask' AND coalesce(handle, '') LIKE '%/peernet-doctor'))`;

/** The audit table, and the transaction steps by which it tracks its own head. */
export interface OwnedAudit {
  readonly table: AuditTable;
  /** Called when a transaction has just begun, and so keeps every other writer out. */
  begin(): void;
  /** Called when a transaction is about to commit; returns a function to call after the commit. */
  commit(): () => void;
}

/** The audit table of a database. */
export function auditTable(database: Database, seal: Seal): OwnedAudit {
  const insert = database.query(insertSql("audit", columns));
  const head = database.query<Head, []>("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
  const at = database.query<AuditRecord, [number]>("SELECT * FROM audit WHERE seq = ?");
  const trailId = database.query<Pick<AuditRecord, "subject_id">, []>(
    `SELECT subject_id FROM audit WHERE seq = 1 AND verb = 'trail'
     UNION ALL SELECT trail_id FROM segment WHERE form = 2 LIMIT 1`,
  );
  const firstSince = database.query<{ seq: number | null }, [number]>(
    "SELECT min(seq) AS seq FROM audit WHERE at_ms >= ?",
  );
  const countOf = database.query<{ total: number }, [string]>(
    "SELECT count(*) AS total FROM audit WHERE peer_fingerprint = ?",
  );
  const currentHead = (): Head => {
    const last = head.get() ?? genesis;
    // A damaged page reads as null: nothing may be sealed to that.
    if (typeof last.hash !== "string") throw new PeernetError("database_damaged");
    return last;
  };
  const own = ownHead(currentHead);
  const table: AuditTable = {
    append: (draft) => {
      if (!own.isHead()) throw new PeernetError("database_damaged", notOwn);
      const record = seal(currentHead(), draft);
      insert.run({ ...record });
      return record;
    },
    head: currentHead,
    ownHead: own.head,
    trailId: () => trailId.get()?.subject_id ?? null,
    count: counting(database),
    countOf: (peerFingerprint) => countOf.get(peerFingerprint)?.total ?? 0,
    newest: (filter, limit) => listed(database, filter, { order: "DESC", limit }).reverse(),
    next: (filter, limit) => listed(database, filter, { order: "ASC", limit }),
    at: (seq) => at.get(seq),
    idsAlike: idsAlike(database),
    firstSince: (atMs) => firstSince.get(atMs)?.seq ?? null,
  };
  return { table, begin: own.begin, commit: own.commit };
}

/** Finds ids by their last characters, which the schema indexes. */
function idsAlike(database: Database): AuditTable["idsAlike"] {
  const subjects = database.query<IdsAlike["subjects"][number], [string]>(
    `SELECT DISTINCT subject_id AS id, verb FROM audit
     WHERE substr(subject_id, -4) = ? AND subject_id IS NOT NULL`,
  );
  const threads = database.query<{ id: string }, [string]>(
    `SELECT DISTINCT thread_id AS id FROM audit
     WHERE substr(thread_id, -4) = ? AND thread_id IS NOT NULL`,
  );
  return (lastFour) => ({
    subjects: subjects.all(lastFour),
    threads: threads.all(lastFour).map(({ id }) => id),
  });
}

/** The head as this process knows it: compared when a transaction begins, kept once it commits. */
function ownHead(currentHead: () => Head) {
  let own = currentHead();
  let isHead = true;
  return {
    head: () => own,
    /** True when the transaction found the head that this process left. */
    isHead: () => isHead,
    begin: () => {
      const { seq, hash } = currentHead();
      isHead = seq === own.seq && hash === own.hash;
    },
    commit: () => {
      const next = isHead ? currentHead() : own;
      return () => {
        own = next;
      };
    },
  };
}

/** The error when another writer appended to the trail. */
const notOwn = {
  message: "something beside the daemon wrote to the audit trail",
  hint: "see peernet audit verify; peernet stop and peernet start go on after what is there",
} as const;

function listed(
  database: Database,
  filter: AuditFilter,
  { order, limit }: { readonly order: "ASC" | "DESC"; readonly limit: number },
): AuditRecord[] {
  const { where, values } = conditionsOf(filter);
  const sql = `SELECT * FROM audit ${where} ORDER BY seq ${order} LIMIT $limit`;
  return database.query<AuditRecord, SQLQueryBindings>(sql).all({ ...values, limit });
}

type Count = ReturnType<AuditTable["count"]>;

/**
 * Counts records. A count of all reads only the records since the last count, since none is ever
 * removed.
 */
function counting(database: Database): AuditTable["count"] {
  const sums = `count(*) AS total, coalesce(sum(${quiet}), 0) AS lease_events`;
  const since = database.query<Count, [number]>(`SELECT ${sums} FROM audit WHERE at_ms >= ?`);
  const after = database.query<Count & { last: number | null }, [number]>(
    `SELECT ${sums}, max(seq) AS last FROM audit WHERE seq > ?`,
  );
  let counted = { total: 0, lease_events: 0, last: 0 };
  return (sinceAtMs) => {
    const more = sinceAtMs > 0 ? null : after.get(counted.last);
    if (more === null) return since.get(sinceAtMs) ?? { total: 0, lease_events: 0 };
    const total = counted.total + more.total;
    const lease_events = counted.lease_events + more.lease_events;
    // A count inside a transaction may yet be rolled back.
    if (!database.inTransaction) counted = { total, lease_events, last: more.last ?? counted.last };
    return { total, lease_events };
  };
}

function conditionsOf(filter: AuditFilter): {
  readonly where: string;
  readonly values: Record<string, string | number>;
} {
  const conditions: (readonly [sql: string, value: string | number | undefined])[] = [
    ["peer_fingerprint = $peerFingerprint", filter.peerFingerprint],
    ["handle = $handle", filter.handle],
    ["verb = $verb", filter.verb],
    ["substr(thread_id, -4) = substr($threadId, -4) AND thread_id = $threadId", filter.threadId],
    [
      "substr(subject_id, -4) = substr($subjectId, -4) AND subject_id = $subjectId",
      filter.subjectId,
    ],
    ["at_ms >= $sinceAtMs", filter.sinceAtMs],
    ["seq < $beforeSeq", filter.beforeSeq],
    ["seq > $afterSeq", filter.afterSeq],
  ];
  const used = conditions.filter(([, value]) => value !== undefined);
  const parts = used.map(([sql]) => sql);
  // A reader who names a kind of record wants to see all of that kind.
  if (!filter.all && filter.verb === undefined) parts.push(`NOT ${quiet}`);
  const values: Record<string, string | number> = {};
  for (const [sql, value] of used) {
    if (value !== undefined) values[sql.slice(sql.lastIndexOf("$") + 1)] = value;
  }
  return { where: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, values };
}
