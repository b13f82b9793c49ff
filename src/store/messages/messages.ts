/**
 * Messages in the database: both directions, their stages with evidence, and the memory of removed
 * ones. Decides nothing.
 */

import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { Former, Taken } from "../../core/messages/budgets.ts";
import type { Message, MessageKey } from "../../core/messages/message.ts";
import { insertSql } from "../stored.ts";
import { endingIn } from "./ends.ts";
import { keyed, type ProofTable, proofTable, whereKey } from "./proofs.ts";

/** A filter of a list of messages. */
export interface MessageFilter {
  /** A handle's name; undefined lists every mailbox. */
  readonly name?: string | undefined;
  /** True to include messages that left here, and older ones that were read or ended. */
  readonly all: boolean;
  /** Incoming messages after this instant are listed although they were read or ended. */
  readonly sinceMs?: number;
  readonly limit: number;
}

/** The two handles of a conversation, from this end. */
export interface Pair extends Pick<Message, "fingerprint" | "name" | "other"> {
  readonly direction: "in" | "out";
}

/** Messages that wait in a mailbox. */
export interface Waiting {
  readonly name: string | null;
  readonly unread: number;
  readonly held: number;
}

/** A message, and the number of its row. */
export interface Arrived {
  readonly seq: number;
  readonly message: Message;
}

/** Messages of both directions. */
export interface MessageTable extends ProofTable {
  /** Rises with every change since the start, for a reader that has to look again. */
  changes(): number;
  add(message: Message): void;
  /** Saves the fields that change: stage, unread, handover, text. */
  put(message: Message): void;
  get(key: MessageKey): Message | null;
  /** Messages whose id ends so. */
  alike(end: string): readonly Message[];
  /** The newest first, the person's mailbox before those of handles. */
  list(filter: MessageFilter): readonly Message[];
  counts(): readonly Waiting[];
  /** Unread and held messages of one mailbox's name. */
  waitingOf(name: string | null): number;
  waitingInAll(): number;
  /** Unread messages for a handle's name, oldest first. */
  unread(name: string): readonly Message[];
  ofHandover(nonce: string): readonly Message[];
  /** The message that answers one of this machine, if any. */
  answerTo(messageId: string): Message | null;
  /** The latest message between two handles, in one direction. */
  latest(pair: Pair): Former | null;
  /** Incoming messages of a handle since an instant, and those of a thread since another. */
  taken(of: { readonly name: string; readonly thread_id: string }, since: Since): Taken;
  /** Incoming messages that nobody read, and whose time is up. */
  overdue(nowMs: number, limit: number): readonly Message[];
  /** Messages that are over and were stored before an instant. */
  old(beforeMs: number, limit: number): readonly Message[];
  /** Incoming messages with stages that their sender does not know, oldest first. */
  dueTo(fingerprint: string, limit: number): readonly Message[];
  /** The number of the newest row. */
  lastSeq(): number;
  /** The first incoming message after a row, of one handle or of any mailbox. */
  arrivedAfter(seq: number, name: string | null): Arrived | null;
  /** Outgoing messages that a peer took when its trail was longer than this. */
  takenAfter(fingerprint: string, seq: number): readonly Message[];
  /** Messages with a peer that are not over. */
  openOf(fingerprint: string): readonly Message[];
  remove(key: MessageKey): void;
  /** Lets the mail that waits for a handle follow its session to another folder. */
  moveTree(name: string, from: string, to: string): void;
  /** When the next message or memory ends, in elapsed time; null when there is none. */
  nextMs(keptMs: number): number | null;
}

/** The instants from which messages count, in elapsed time. */
export interface Since {
  readonly personMs: number;
  readonly hourMs: number;
}

type Flag = "quiet" | "unread";
type Stored = Omit<Message, Flag> & Record<Flag, number>;

const columns = [
  ...["direction", "fingerprint", "message_id", "thread_id", "reply_to", "peer_name", "name"],
  ...["tree", "other", "by", "topic", "sent_id", "text", "salt", "content_sha256", "hops"],
  ...["quiet", "waking", "stage", "reason", "version", "told", "next", "unread", "handover"],
  ...["stored_at_ms", "stored_ms", "expires_ms"],
];
const changing = [
  ...["text", "salt", "quiet", "stage", "reason", "version", "told", "next", "unread"],
  ...["handover", "expires_ms"],
];
const messageOf = (row: Stored): Message => ({
  ...row,
  quiet: row.quiet === 1,
  unread: row.unread === 1,
});
const storedOf = (message: Message): Stored => ({
  ...message,
  quiet: Number(message.quiet),
  unread: Number(message.unread),
});
/** Values of a statement by the names of its parameters. */
type Bound = Record<string, string | number | null>;

/** The messages of a database. */
export function messageTable(database: Database): MessageTable {
  const insert = database.query(insertSql("message", columns.join(" ")));
  const put = database.query(
    `UPDATE message SET ${changing.map((name) => `${name} = $${name}`).join(", ")}
     WHERE ${whereKey}`,
  );
  const get = database.query<Stored, [Bound]>(
    `SELECT ${columns.join(", ")} FROM message WHERE ${whereKey}`,
  );
  const remove = database.query(`DELETE FROM message WHERE ${whereKey}`);
  const move = database.query(
    `UPDATE message SET tree = ? WHERE name = ? AND tree = ? AND direction = 'in'
      AND (unread = 1 OR stage = 'held' OR handover IS NOT NULL)`,
  );
  const chosen = (message: Stored, names: readonly string[]): Bound =>
    Object.fromEntries(Object.entries(message).filter(([name]) => names.includes(name)));
  let changes = 0;
  return {
    changes: () => changes,
    add: (message) => {
      changes += 1;
      insert.run(chosen(storedOf(message), columns));
    },
    put: (message) => {
      changes += 1;
      put.run({ ...chosen(storedOf(message), changing), ...keyed(message) });
    },
    get: (key) => {
      const row = get.get(keyed(key));
      return row === null ? null : messageOf(row);
    },
    remove: (key) => {
      changes += 1;
      remove.run(keyed(key));
    },
    moveTree: (name, from, to) => {
      move.run(to, name, from);
    },
    ...finding(database),
    ...listing(database),
    ...counting(database),
    ...ending(database),
    ...proofTable(database),
  };
}

function finding(
  database: Database,
): Pick<
  MessageTable,
  "alike" | "unread" | "ofHandover" | "answerTo" | "latest" | "openOf" | "dueTo" | "takenAfter"
> {
  const read = <P extends SQLQueryBindings[]>(rest: string) =>
    database.query<Stored, P>(`SELECT ${columns.join(", ")} FROM message ${rest}`);
  const alike = endingIn<Stored>(database, columns);
  const unread = read<[string]>("WHERE name = ? AND unread = 1 AND direction = 'in' ORDER BY seq");
  const ofHandover = read<[string]>("WHERE handover = ? ORDER BY seq");
  const answer = read<[string]>(
    "WHERE direction = 'in' AND reply_to = ? AND stage <> 'refused' ORDER BY seq LIMIT 1",
  );
  const due = read<[string, number]>(
    "WHERE fingerprint = ? AND direction = 'in' AND version > told ORDER BY seq LIMIT ?",
  );
  const takenAfter = read<[string, string, number]>(
    `WHERE direction = 'out' AND fingerprint = ? AND stage IN ('held', 'stored', 'announced')
      AND message_id IN (SELECT message_id FROM message_stage WHERE direction = 'out'
        AND fingerprint = ? AND evidence LIKE 'reply at %'
        AND CAST(substr(evidence, 10) AS INTEGER) > ?)`,
  );
  const openOf = read<[string]>(
    `WHERE fingerprint = ? AND
      ((direction = 'in' AND (unread = 1 OR stage = 'held')) OR stage = 'queued')`,
  );
  const latest = database.query<Former, [string, string, string | null, string | null]>(
    `SELECT hops, stored_ms FROM message WHERE direction = ? AND fingerprint = ?
      AND name IS ? AND other IS ? AND topic IS NULL ORDER BY seq DESC LIMIT 1`,
  );
  return {
    alike: (end) => alike(end).map(messageOf),
    unread: (name) => unread.all(name).map(messageOf),
    ofHandover: (nonce) => ofHandover.all(nonce).map(messageOf),
    answerTo: (id) => {
      const row = answer.get(id);
      return row === null ? null : messageOf(row);
    },
    latest: ({ direction, fingerprint, name, other }) =>
      latest.get(direction, fingerprint, name, other),
    dueTo: (fingerprint, limit) => due.all(fingerprint, limit).map(messageOf),
    takenAfter: (fingerprint, seq) => takenAfter.all(fingerprint, fingerprint, seq).map(messageOf),
    openOf: (fingerprint) => openOf.all(fingerprint).map(messageOf),
  };
}

function listing(database: Database): Pick<MessageTable, "list" | "lastSeq" | "arrivedAfter"> {
  const last = database.query<{ seq: number | null }, []>("SELECT max(seq) AS seq FROM message");
  const after = database.query<Stored & { seq: number }, [number, string | null, string | null]>(
    `SELECT seq, ${columns.join(", ")} FROM message
     WHERE seq > ? AND direction = 'in' AND (? IS NULL OR name = ?) ORDER BY seq LIMIT 1`,
  );
  const order = "ORDER BY name IS NOT NULL, name, seq DESC LIMIT $limit";
  const list = (where: string) =>
    database.query<Stored, [Bound]>(
      `SELECT ${columns.join(", ")} FROM message WHERE ${where}
        ($all = 1 OR (direction = 'in' AND
          (unread = 1 OR stage = 'held' OR stored_ms > $sinceMs))) ${order}`,
    );
  const every = list("");
  const one = list("name = $name AND");
  return {
    lastSeq: () => last.get()?.seq ?? 0,
    arrivedAfter: (from, name) => {
      const row = after.get(from, name, name);
      if (row === null) return null;
      const { seq, ...stored } = row;
      return { seq, message: messageOf(stored) };
    },
    list: ({ name, all, sinceMs = Number.MAX_SAFE_INTEGER, limit }) => {
      const given = { all: Number(all), sinceMs, limit };
      const rows = name === undefined ? every.all(given) : one.all({ ...given, name });
      return rows.map(messageOf);
    },
  };
}

function counting(
  database: Database,
): Pick<MessageTable, "counts" | "waitingOf" | "waitingInAll" | "taken"> {
  const waits = "direction = 'in' AND (unread = 1 OR stage = 'held')";
  const counts = database.query<Waiting, []>(
    `SELECT name, sum(unread) AS unread, sum(stage = 'held') AS held FROM message
     WHERE ${waits} GROUP BY name ORDER BY name IS NOT NULL, name`,
  );
  const count = <P extends SQLQueryBindings[]>(where: string) =>
    database.query<{ count: number }, P>(`SELECT count(*) AS count FROM message WHERE ${where}`);
  const of = count<[string | null]>(`name IS ? AND ${waits}`);
  const inAll = count<[]>(waits);
  const since = count<[string, number]>("direction = 'in' AND name = ? AND stored_ms > ?");
  const thread = count<[string, string, number]>(
    "direction = 'in' AND name = ? AND thread_id = ? AND stored_ms > ?",
  );
  return {
    counts: () => counts.all(),
    waitingOf: (name) => of.get(name)?.count ?? 0,
    waitingInAll: () => inAll.get()?.count ?? 0,
    taken: ({ name, thread_id }, { personMs, hourMs }) => ({
      sincePerson: since.get(name, personMs)?.count ?? 0,
      thread: thread.get(name, thread_id, Math.max(personMs, hourMs))?.count ?? 0,
    }),
  };
}

function ending(database: Database): Pick<MessageTable, "overdue" | "old" | "nextMs"> {
  const open = "direction = 'in' AND (unread = 1 OR stage = 'held')";
  const over = "unread = 0 AND stage NOT IN ('queued', 'held')";
  const read = (rest: string) =>
    database.query<Stored, [number, number]>(`SELECT ${columns.join(", ")} FROM message ${rest}`);
  const overdue = read(`WHERE ${open} AND expires_ms <= ? ORDER BY seq LIMIT ?`);
  const old = read(`WHERE ${over} AND stored_ms <= ? ORDER BY seq LIMIT ?`);
  const next = database.query<{ next: number | null }, [number]>(
    `SELECT min(next) AS next FROM (
      SELECT min(expires_ms) AS next FROM message WHERE ${open}
      UNION ALL SELECT min(stored_ms) + ? FROM message WHERE ${over}
      UNION ALL SELECT min(until_ms) FROM tombstone)`,
  );
  return {
    overdue: (nowMs, limit) => overdue.all(nowMs, limit).map(messageOf),
    old: (beforeMs, limit) => old.all(beforeMs, limit).map(messageOf),
    nextMs: (keptMs) => next.get(keptMs)?.next ?? null,
  };
}
