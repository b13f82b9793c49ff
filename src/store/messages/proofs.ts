/** Proven stages of messages in the database, and the memory of removed messages. */

import type { Database } from "bun:sqlite";
import type { MessageKey, StageProof, Tombstone } from "../../core/messages/message.ts";
import { replaceSql } from "../stored.ts";

/** Proven stages, and the memory of removed messages. */
export interface ProofTable {
  addProof(proof: StageProof): void;
  /** Oldest first. */
  proofs(key: MessageKey): readonly StageProof[];
  tombstone(key: MessageKey): Tombstone | null;
  putTombstone(tombstone: Tombstone): void;
  removeTombstones(beforeMs: number): void;
}

/** The condition that finds one message. */
export const whereKey =
  "direction = $direction AND fingerprint = $fingerprint AND message_id = $message_id";

/** The parameters of that condition. */
export const keyed = ({ direction, fingerprint, message_id }: MessageKey) => ({
  direction,
  fingerprint,
  message_id,
});

/** The proofs and the tombstones of a database. */
export function proofTable(database: Database): ProofTable {
  const add = database.query(
    replaceSql("message_stage", "direction fingerprint message_id stage reason at_ms evidence"),
  );
  const proofs = database.query<StageProof, [Record<string, string>]>(
    `SELECT direction, fingerprint, message_id, stage, reason, at_ms, evidence
     FROM message_stage WHERE ${whereKey} ORDER BY seq`,
  );
  const tombstone = database.query<Tombstone, [Record<string, string>]>(
    `SELECT * FROM tombstone WHERE ${whereKey}`,
  );
  const putTombstone = database.query(
    replaceSql("tombstone", "direction fingerprint message_id content_sha256 stage until_ms"),
  );
  const prune = database.query("DELETE FROM tombstone WHERE until_ms <= ?");
  return {
    addProof: (proof) => {
      add.run({ ...proof });
    },
    proofs: (key) => proofs.all(keyed(key)),
    tombstone: (key) => tombstone.get(keyed(key)),
    putTombstone: (row) => {
      putTombstone.run({ ...row });
    },
    removeTombstones: (beforeMs) => {
      prune.run(beforeMs);
    },
  };
}
