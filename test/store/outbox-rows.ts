/** Rows of the outbox for tests of the store, and a store with peers. */

import { newPeer } from "../../src/daemon/peers/grants.ts";
import type { Tables } from "../../src/store/database.ts";
import type { OutboxRow } from "../../src/store/outbox.ts";
import { type Opened, opened } from "./opened.ts";

const peer = (fingerprint: string) => ({
  ...newPeer,
  ...{ fingerprint, name: fingerprint, certificate: "", paired_at_ms: 1 },
  ...{ acknowledged: true, exchanged: true, refused: false },
});

/** A row of the outbox. */
export const row = (id: string, more: Partial<OutboxRow> = {}): OutboxRow => ({
  id,
  fingerprint: "a",
  kind: "reached",
  lane: "control",
  rank: 1,
  subject_id: id,
  scope: "ask",
  session: null,
  version: 1,
  bytes: 10,
  body: "{}",
  queued_ms: 5,
  failures: 0,
  first_failure_ms: null,
  stuck: false,
  ...more,
});

/** Commits what is done to the tables. */
export async function doing<T>(of: Opened, run: (tables: Tables) => T): Promise<T> {
  const queued = of.store.transact((tables) => ({ value: run(tables) }));
  of.flush();
  return queued;
}

/** A store with two peers. */
export async function paired(): Promise<Opened> {
  const of = opened();
  await doing(of, ({ peers }) => {
    peers.put(peer("a"));
    peers.put(peer("b"));
  });
  return of;
}

/** Ids of the entries of a peer that may leave, in order. */
export const headsOf = ({ store }: Opened, fingerprint = "a"): readonly string[] =>
  [...store.tables.outbox.heads(fingerprint)].map(({ id }) => id);
