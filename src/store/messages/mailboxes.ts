/**
 * Mailboxes in the database: when a person acted at each, its wakes, and when each handle was last
 * live. Decides nothing.
 */

import type { Database } from "bun:sqlite";
import { replaceSql } from "../stored.ts";

/** A handle that was live. Times are elapsed time. */
export interface KnownHandle {
  readonly name: string;
  readonly tree: string;
  readonly live_ms: number;
}

/** The memory of mailboxes. */
export interface MailboxTable {
  /** When a person last acted at a handle, in elapsed time; null when never. */
  personMs(name: string): number | null;
  putPersonMs(name: string, ms: number): void;
  /** Wakes of a handle since a person acted, oldest first. */
  wakes(name: string): readonly number[];
  addWake(name: string, ms: number): void;
  known(name: string): KnownHandle | null;
  allKnown(): readonly KnownHandle[];
  putKnown(handle: KnownHandle): void;
  removeKnown(beforeMs: number): void;
}

/** The mailboxes of a database. */
export function mailboxTable(database: Database): MailboxTable {
  const person = database.query<{ person_ms: number }, [string]>(
    "SELECT person_ms FROM mailbox WHERE name = ?",
  );
  const putPerson = database.query(replaceSql("mailbox", "name person_ms"));
  const forget = database.query("DELETE FROM wake WHERE name = ? AND at_ms <= ?");
  const wakes = database.query<{ at_ms: number }, [string]>(
    "SELECT at_ms FROM wake WHERE name = ? ORDER BY at_ms",
  );
  const addWake = database.query("INSERT INTO wake (name, at_ms) VALUES (?, ?)");
  const known = database.query<KnownHandle, [string]>("SELECT * FROM known_handle WHERE name = ?");
  const all = database.query<KnownHandle, []>("SELECT * FROM known_handle ORDER BY name");
  const putKnown = database.query(replaceSql("known_handle", "name tree live_ms"));
  const prune = database.query("DELETE FROM known_handle WHERE live_ms <= ?");
  return {
    personMs: (name) => person.get(name)?.person_ms ?? null,
    putPersonMs: (name, person_ms) => {
      putPerson.run({ name, person_ms });
      forget.run(name, person_ms);
    },
    wakes: (name) => wakes.all(name).map(({ at_ms }) => at_ms),
    addWake: (name, ms) => {
      addWake.run(name, ms);
    },
    known: (name) => known.get(name),
    allKnown: () => all.all(),
    putKnown: (handle) => {
      putKnown.run({ ...handle });
    },
    removeKnown: (beforeMs) => {
      prune.run(beforeMs);
    },
  };
}
