/** Handovers of messages to sessions: open ones, and past ones as evidence. Decides nothing. */

import type { Database } from "bun:sqlite";
import { handoversMax } from "../../contract/delivery/limits.ts";
import type { Process } from "../../contract/lease.ts";
import type { Handover } from "../../core/messages/handover.ts";
import { replaceSql } from "../stored.ts";

/** The handovers of a database: the newest 4,096. */
export interface HandoverTable {
  get(nonce: string): Handover | null;
  /**
   * The handovers that an event of a session may concern: its open ones, those that surfaced since
   * an instant, and the open ones of its handle.
   */
  concerning(session: SessionKey, name: string, sinceMs: number): readonly Handover[];
  /** Every handover with a doubt, the oldest first. */
  doubtful(): readonly Handover[];
  put(handover: Handover): void;
  /** Removes the oldest beyond the bound. */
  prune(): void;
}

/** A session by its client's own name for it. */
export interface SessionKey {
  readonly harness: string;
  readonly session_id: string | null;
}

type Row = Omit<Handover, "process" | "ended"> & Process & { readonly ended: number };

const columns =
  "nonce name harness session_id pid start_time record mark state given_ms settled_ms doubt " +
  "doubted_ms ended tries";

/** The handover table of a database. */
export function handoverTable(database: Database): HandoverTable {
  const get = database.query<Row, [string]>("SELECT * FROM handover WHERE nonce = ?");
  const concerning = database.query<Row, [string, string | null, string, number]>(
    `SELECT * FROM handover WHERE
      (harness = ?1 AND session_id = ?2 AND state <> 'lost' AND
        (settled_ms IS NULL OR settled_ms >= ?4 OR doubt IS NOT NULL)) OR
      (name = ?3 AND state IN ('given', 'handed'))
      ORDER BY given_ms`,
  );
  const doubtful = database.query<Row, []>(
    "SELECT * FROM handover WHERE doubt IS NOT NULL ORDER BY doubted_ms",
  );
  const put = database.query(replaceSql("handover", columns));
  const prune = database.query(
    `DELETE FROM handover WHERE given_ms <=
      (SELECT given_ms FROM handover ORDER BY given_ms DESC LIMIT 1 OFFSET ?)`,
  );
  return {
    get: (nonce) => {
      const row = get.get(nonce);
      return row === null ? null : handoverOf(row);
    },
    concerning: ({ harness, session_id }, name, sinceMs) =>
      concerning.all(harness, session_id, name, sinceMs).map(handoverOf),
    doubtful: () => doubtful.all().map(handoverOf),
    put: ({ process, ended, ...handover }) => {
      put.run({ ...handover, ...process, ended: Number(ended) });
    },
    prune: () => {
      prune.run(handoversMax);
    },
  };
}

function handoverOf({ pid, start_time, ended, ...row }: Row): Handover {
  return { ...row, process: { pid, start_time }, ended: ended === 1 };
}
