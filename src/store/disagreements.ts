/** Remembers checkpoints of this trail that peers kept and that the trail does not have. */

import type { Database } from "bun:sqlite";
import type { Checkpoint } from "../contract/peer.ts";
import { parsed } from "./stored.ts";

/** The first of a peer that disagreed, the newest, and one that is not believed. */
export type Nth = "first" | "newest" | "implausible";

/** Witnesses that disagree. */
export interface DisagreementTable {
  /** Those of a peer, by which they are. */
  disagreements(fingerprint: string): ReadonlyMap<Nth, Checkpoint>;
  putDisagreement(fingerprint: string, nth: Nth, witness: Checkpoint): void;
}

/** The disagreements of a database; they go with their peer. */
export function disagreementTable(database: Database): DisagreementTable {
  const all = database.query<{ nth: Nth; checkpoint: string }, [string]>(
    "SELECT nth, checkpoint FROM disagreement WHERE fingerprint = ?",
  );
  const put = database.query("INSERT OR REPLACE INTO disagreement VALUES (?, ?, ?)");
  return {
    disagreements: (fingerprint) =>
      new Map(all.all(fingerprint).map((row) => [row.nth, parsed<Checkpoint>(row.checkpoint)])),
    putDisagreement: (fingerprint, nth, witness) => {
      put.run(fingerprint, nth, JSON.stringify(witness));
    },
  };
}
