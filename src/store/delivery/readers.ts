/**
 * The memory of telling sessions of their mail, and the processes that wait to wake them. Decides
 * nothing.
 */

import type { Database } from "bun:sqlite";
import type { Process } from "../../contract/lease.ts";
import { sessionsRememberedMax } from "../../contract/limits.ts";
import type { Reader, Wake } from "../../core/messages/telling.ts";
import { parsed, replaceSql } from "../stored.ts";
import type { SessionKey } from "./handovers.ts";

/** A process that waits to wake a session. */
export interface Waker extends SessionKey {
  readonly session_id: string;
  /** The session's process. */
  readonly process: Process;
  readonly pipe: string;
}

/** The readers and wakers of a database. */
export interface ReaderTable {
  get(session: SessionKey): Reader | null;
  /** Saves a reader as the newest, and removes the oldest beyond the bound. */
  put(reader: Reader): void;
  wakers(): readonly Waker[];
  wakersOf(session: SessionKey): readonly Waker[];
  addWaker(waker: Waker): void;
  removeWaker(pipe: string): void;
}

type Row = Omit<Reader, "process" | "asks" | "headless" | "told" | "wake"> &
  Process & {
    readonly asks: number | null;
    readonly headless: number;
    readonly told: string;
    readonly wake: string | null;
  };

type WakerRow = Omit<Waker, "process"> & Process;

const columns =
  "harness session_id pid start_time record bytes asks headless heard_ms noticed told told_by wake";

/** The reader and waker tables of a database. */
export const readerTable = (database: Database): ReaderTable => ({
  ...memoryOf(database),
  ...wakersOf(database),
});

function memoryOf(database: Database) {
  const get = database.query<Row, [string, string | null]>(
    "SELECT * FROM reader WHERE harness = ? AND session_id = ?",
  );
  const put = database.query(replaceSql("reader", columns));
  const prune = database.query(
    `DELETE FROM reader WHERE heard_ms <
      (SELECT heard_ms FROM reader ORDER BY heard_ms DESC LIMIT 1 OFFSET ?)`,
  );
  return {
    get: ({ harness, session_id }: SessionKey): Reader | null => {
      const row = get.get(harness, session_id);
      return row === null ? null : readerOf(row);
    },
    put: ({ process, asks, headless, told, wake, ...reader }: Reader): void => {
      put.run({
        ...reader,
        ...process,
        asks: asks === null ? null : Number(asks),
        headless: Number(headless),
        told: JSON.stringify(told),
        wake: wake === null ? null : JSON.stringify(wake),
      });
      prune.run(sessionsRememberedMax);
    },
  };
}

function readerOf({ pid, start_time, asks, headless, told, wake, ...row }: Row): Reader {
  return {
    ...row,
    process: { pid, start_time },
    asks: asks === null ? null : asks === 1,
    headless: headless === 1,
    told: parsed<readonly string[]>(told),
    wake: wake === null ? null : parsed<Wake>(wake),
  };
}

function wakersOf(database: Database) {
  const all = database.query<WakerRow, []>("SELECT * FROM waker ORDER BY seq");
  const of = database.query<WakerRow, [string, string | null]>(
    "SELECT * FROM waker WHERE harness = ? AND session_id = ? ORDER BY seq",
  );
  const add = database.query(
    `INSERT INTO waker (harness, session_id, pid, start_time, pipe)
      VALUES ($harness, $session_id, $pid, $start_time, $pipe)`,
  );
  const remove = database.query("DELETE FROM waker WHERE pipe = ?");
  const wakerOf = ({ harness, session_id, pid, start_time, pipe }: WakerRow): Waker => ({
    ...{ harness, session_id, pipe },
    process: { pid, start_time },
  });
  return {
    wakers: () => all.all().map(wakerOf),
    wakersOf: ({ harness, session_id }: SessionKey) => of.all(harness, session_id).map(wakerOf),
    addWaker: ({ process, ...waker }: Waker): void => {
      add.run({ ...waker, ...process });
    },
    removeWaker: (pipe: string): void => {
      remove.run(pipe);
    },
  };
}
