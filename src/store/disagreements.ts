/** Checkpoints of this trail that peers hold and that the trail does not contain. */

import type { Database } from "bun:sqlite";
import type { Checkpoint } from "../contract/peer.ts";
import { parsed, replaceSql } from "./stored.ts";

/**
 * Which of a peer's disagreeing checkpoints: the first, the newest, or one that is not believed.
 */
export type Nth = "first" | "newest" | "implausible";

/** Disagreeing checkpoints of witnesses. */
export interface DisagreementTable {
  /** A peer's disagreeing checkpoints, by kind. */
  disagreements(fingerprint: string): ReadonlyMap<Nth, Checkpoint>;
  putDisagreement(fingerprint: string, nth: Nth, witness: Checkpoint): void;
}

/** The disagreements of a database; removed with their peer. */
export function disagreementTable(database: Database): DisagreementTable {
  const all = database.query<{ nth: Nth; checkpoint: string }, [string]>(
    "SELECT nth, checkpoint FROM disagreement WHERE fingerprint = ?",
  );
  const put = database.query(replaceSql("disagreement", "fingerprint nth checkpoint"));
  return {
    disagreements: (fingerprint) =>
      new Map(all.all(fingerprint).map((row) => [row.nth, parsed<Checkpoint>(row.checkpoint)])),
    putDisagreement: (fingerprint, nth, witness) => {
      put.run({ fingerprint, nth, checkpoint: JSON.stringify(witness) });
    },
  };
}
