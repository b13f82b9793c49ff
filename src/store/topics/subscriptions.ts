/** Subscriptions to topics in the database. Decides nothing. */

import type { Database } from "bun:sqlite";
import type { Mailbox } from "../../core/messages/message.ts";
import { replaceSql } from "../stored.ts";

/** One mailbox that receives a topic's messages. */
export interface SubscriptionRow {
  readonly topic: string;
  readonly mailbox: Mailbox;
}

/** The subscriptions of this machine. */
export interface SubscriptionTable {
  /** By topic; in each the person first. */
  all(): readonly SubscriptionRow[];
  /** The topics with a subscriber, sorted. */
  topics(): readonly string[];
  of(topic: string): readonly Mailbox[];
  put(row: SubscriptionRow): void;
  /** True when there was one. */
  remove(topic: string, name: string | null): boolean;
  /** Ends the subscriptions of handles that nobody held for long. */
  removeUnknown(): void;
  /** Lets the subscriptions of a handle follow its session to another folder. */
  moveTree(name: string, from: string, to: string): void;
}

interface Stored {
  readonly topic: string;
  readonly name: string;
  readonly tree: string;
}

const mailboxOf = ({ name, tree }: Stored): Mailbox =>
  name === "" ? { name: null, tree: null } : { name, tree };

/** The subscriptions of a database. */
export function subscriptionTable(database: Database): SubscriptionTable {
  const all = database.query<Stored, []>("SELECT * FROM subscription ORDER BY topic, name");
  const topics = database.query<{ topic: string }, []>(
    "SELECT DISTINCT topic FROM subscription ORDER BY topic",
  );
  const of = database.query<Stored, [string]>(
    "SELECT * FROM subscription WHERE topic = ? ORDER BY name",
  );
  const put = database.query(replaceSql("subscription", "topic name tree"));
  const remove = database.query("DELETE FROM subscription WHERE topic = ? AND name = ?");
  const prune = database.query(
    `DELETE FROM subscription WHERE name <> ''
      AND name NOT IN (SELECT name FROM known_handle)`,
  );
  const move = database.query("UPDATE subscription SET tree = ? WHERE name = ? AND tree = ?");
  return {
    all: () => all.all().map((row) => ({ topic: row.topic, mailbox: mailboxOf(row) })),
    topics: () => topics.all().map(({ topic }) => topic),
    of: (topic) => of.all(topic).map(mailboxOf),
    put: ({ topic, mailbox: { name, tree } }) => {
      put.run({ topic, name: name ?? "", tree: tree ?? "" });
    },
    remove: (topic, name) => remove.run(topic, name ?? "").changes > 0,
    removeUnknown: () => {
      prune.run();
    },
    moveTree: (name, from, to) => {
      move.run(to, name, from);
    },
  };
}
