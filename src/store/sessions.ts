/** Sessions that had a handle, so that a resumed session gets its name again. Decides nothing. */

import type { Database } from "bun:sqlite";
import type { Process } from "../contract/lease.ts";
import { sessionsRememberedMax } from "../contract/limits.ts";
import type { RememberedSession } from "../core/sessions/hook.ts";

/** The remembered sessions: the newest 1,024. */
export interface SessionTable {
  get(harness: string, sessionId: string): RememberedSession | null;
  /** The newest session of a harness's process. */
  ofProcess(harness: string, process: Process): RememberedSession | null;
  /** Saves a session as the newest, and removes the oldest beyond the bound. */
  put(session: RememberedSession): void;
  /** Marks the sessions of a process as not left. */
  rejoin(harness: string, process: Process): void;
}

type Row = Omit<RememberedSession, "process" | "left"> &
  Process & { readonly has_left: number; readonly at: number };

/** The session table of a database. */
export function sessionTable(database: Database): SessionTable {
  const get = database.query<Row, [string, string]>(
    "SELECT * FROM session WHERE harness = ? AND session_id = ?",
  );
  const ofProcess = database.query<Row, [string, number, string]>(
    `SELECT * FROM session WHERE harness = ? AND pid = ? AND start_time = ?
     ORDER BY at DESC LIMIT 1`,
  );
  const put = database.query(
    `INSERT OR REPLACE INTO session
      (harness, session_id, name, pid, start_time, has_left, at)
      VALUES ($harness, $session_id, $name, $pid, $start_time, $left,
      (SELECT coalesce(max(at), 0) + 1 FROM session))`,
  );
  const forget = database.query(
    "DELETE FROM session WHERE at <= (SELECT at FROM session ORDER BY at DESC LIMIT 1 OFFSET ?)",
  );
  const rejoin = database.query(
    "UPDATE session SET has_left = 0 WHERE harness = ? AND pid = ? AND start_time = ?",
  );
  return {
    get: (harness, sessionId) => sessionOf(get.get(harness, sessionId)),
    ofProcess: (harness, { pid, start_time }) => sessionOf(ofProcess.get(harness, pid, start_time)),
    put: ({ process, left, ...session }) => {
      put.run({ ...session, ...process, left: Number(left) });
      forget.run(sessionsRememberedMax);
    },
    rejoin: (harness, { pid, start_time }) => {
      rejoin.run(harness, pid, start_time);
    },
  };
}

function sessionOf(row: Row | null): RememberedSession | null {
  if (row === null) return null;
  const { harness, session_id, name, pid, start_time, has_left } = row;
  return { harness, session_id, name, process: { pid, start_time }, left: has_left === 1 };
}
