/**
 * Notices a peer that was restored from an older state: it answered a hello with a checkpoint below
 * one that this machine held as it asked. Messages that the peer took in between are lost there.
 */

import type { Checkpoint } from "../../contract/peer.ts";
import { checkpointBytes } from "../../core/audit-chain.ts";
import { keyOf } from "../../core/messages/message.ts";
import { rises } from "../../core/messages/stages.ts";
import { verifySignature } from "../../peer/identity.ts";
import { instantOf } from "../../platform/effects.ts";
import type { Context } from "./context.ts";

/** Two checkpoints of a peer: the one held as it was greeted, and the one of its answer. */
export interface Greeted {
  readonly fingerprint: string;
  readonly held: Checkpoint | null;
  readonly told: Checkpoint | null;
}

/** Ends the messages that a restored peer took and lost; sends none of them again. */
export async function noteRestored(
  context: Context,
  { fingerprint, held, told }: Greeted,
): Promise<void> {
  if (held === null || told === null || told.trail_id !== held.trail_id) return;
  if (told.seq >= held.seq) return;
  const { messages, peers } = context.tables;
  const key = peers.get(fingerprint)?.token_key ?? null;
  if (key === null || !verifySignature(key, checkpointBytes(told), told.signature)) return;
  if (messages.takenAfter(fingerprint, told.seq).length === 0) return;
  const now = instantOf(context.effects.clock);
  const at_ms = Math.floor(now.wallMs);
  await context.transact(now, ({ tables, record }) => {
    for (const message of tables.messages.takenAfter(fingerprint, told.seq)) {
      if (!rises(message.stage, "refused")) continue;
      const ended = { stage: "refused", reason: "restored" } as const;
      const version = message.version + 1;
      tables.messages.put({ ...message, ...ended, version, told: version });
      const evidence = `checkpoint ${told.seq}`;
      tables.messages.addProof({ ...keyOf(message), ...ended, at_ms, evidence });
      record({
        ...{ direction: "out", verb: "message", outcome: "restored" },
        ...{ peer_fingerprint: fingerprint, peer_name: message.peer_name },
        ...{ thread_id: message.thread_id, subject_id: message.message_id },
        content_sha256: message.content_sha256,
      });
    }
    return { value: undefined };
  });
}
