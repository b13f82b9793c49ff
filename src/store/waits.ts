/** Waits in the database: of peers for sessions here, and of sessions here. Decides nothing. */

import type { Database } from "bun:sqlite";
import type { IncomingWait, OutgoingWait } from "../core/waits.ts";
import { parsed, replaceSql } from "./stored.ts";

/** Open waits, and outcomes that nobody has received. */
export interface WaitTable {
  incoming(): readonly IncomingWait[];
  incomingOf(fingerprint: string): readonly IncomingWait[];
  getIncoming(fingerprint: string, waitId: string): IncomingWait | null;
  putIncoming(wait: IncomingWait): void;
  removeIncoming(fingerprint: string, waitId: string): void;
  /** Removes every wait of a peer. */
  removeIncomingOf(fingerprint: string): void;
  outgoing(): readonly OutgoingWait[];
  getOutgoing(waitId: string): OutgoingWait | null;
  putOutgoing(wait: OutgoingWait): void;
  removeOutgoing(waitId: string): void;
}

type StoredIncoming = Omit<IncomingWait, "due"> & { readonly due: string | null };
type StoredOutgoing = Omit<OutgoingWait, "stays" | "outcome"> & {
  readonly stays: number;
  readonly outcome: string | null;
};

/** The waits of a database. */
export const waitTable = (database: Database): WaitTable => ({
  ...incomingTable(database),
  ...outgoingTable(database),
});

function incomingTable(database: Database) {
  const all = database.query<StoredIncoming, []>("SELECT * FROM incoming_wait");
  const of = database.query<StoredIncoming, [string]>(
    "SELECT * FROM incoming_wait WHERE fingerprint = ?",
  );
  const get = database.query<StoredIncoming, [string, string]>(
    "SELECT * FROM incoming_wait WHERE fingerprint = ? AND wait_id = ?",
  );
  const put = database.query(
    replaceSql(
      "incoming_wait",
      "fingerprint wait_id name until lease_id state sha ends_ms renewed_ms due",
    ),
  );
  const remove = database.query("DELETE FROM incoming_wait WHERE fingerprint = ? AND wait_id = ?");
  const removeOf = database.query("DELETE FROM incoming_wait WHERE fingerprint = ?");
  const waitOf = (row: StoredIncoming): IncomingWait => ({
    ...row,
    due: row.due === null ? null : parsed<IncomingWait["due"]>(row.due),
  });
  return {
    incoming: () => all.all().map(waitOf),
    incomingOf: (fingerprint: string) => of.all(fingerprint).map(waitOf),
    getIncoming: (fingerprint: string, waitId: string) => {
      const row = get.get(fingerprint, waitId);
      return row === null ? null : waitOf(row);
    },
    putIncoming: (wait: IncomingWait): void => {
      put.run({ ...wait, due: wait.due === null ? null : JSON.stringify(wait.due) });
    },
    removeIncoming: (fingerprint: string, waitId: string): void => {
      remove.run(fingerprint, waitId);
    },
    removeIncomingOf: (fingerprint: string): void => {
      removeOf.run(fingerprint);
    },
  };
}

function outgoingTable(database: Database) {
  const all = database.query<StoredOutgoing, []>("SELECT * FROM outgoing_wait");
  const get = database.query<StoredOutgoing, [string]>(
    "SELECT * FROM outgoing_wait WHERE wait_id = ?",
  );
  const put = database.query(
    replaceSql(
      "outgoing_wait",
      "wait_id fingerprint name until lease_id state sha ends_ms stays outcome ended_ms " +
        "from_handle",
    ),
  );
  const remove = database.query("DELETE FROM outgoing_wait WHERE wait_id = ?");
  const waitOf = (row: StoredOutgoing): OutgoingWait => ({
    ...row,
    stays: row.stays === 1,
    outcome: row.outcome === null ? null : parsed<OutgoingWait["outcome"]>(row.outcome),
  });
  return {
    outgoing: () => all.all().map(waitOf),
    getOutgoing: (waitId: string) => {
      const row = get.get(waitId);
      return row === null ? null : waitOf(row);
    },
    putOutgoing: ({ stays, outcome, ...wait }: OutgoingWait): void => {
      const told = outcome === null ? null : JSON.stringify(outcome);
      put.run({ ...wait, stays: Number(stays), outcome: told });
    },
    removeOutgoing: (waitId: string): void => {
      remove.run(waitId);
    },
  };
}
