/**
 * Raises the stage of a message with its evidence, in the transaction of that evidence, and queues
 * the receipt for the sender. No other part changes a stage.
 */

import type { Stage, StageReason } from "../../contract/messages/message.ts";
import { keyOf, type Message } from "../../core/messages/message.ts";
import { isEnd, rises } from "../../core/messages/stages.ts";
import { enqueue } from "../outbox/enqueue.ts";
import { type Doing, isLocal, type MessageParts } from "./parts.ts";
import { tellRaised } from "./raised.ts";

/** A stage with its evidence. */
export interface Proven {
  readonly stage: Stage;
  readonly reason?: StageReason | null;
  /** The thing that proves it, by its kind and id. */
  readonly evidence: string;
}

/** Dependencies of raising a stage. */
export type RaisingParts = Pick<MessageParts, "context" | "wake">;

/** The subject of a peer's entry for receipts: there is one for all messages of a peer. */
export const receiptsSubject = "00000000-0000-7000-8000-000000000000";

/** Stores a new message at its first stage, with the evidence. */
export function begin({ tables }: Doing["work"], message: Message, evidence: string): void {
  tables.messages.add(message);
  const { stage, reason, stored_at_ms: at_ms } = message;
  tables.messages.addProof({ ...keyOf(message), stage, reason, at_ms, evidence });
}

/** Raises a message; returns it as it is now. A stage that does not rise changes nothing. */
export function raise(
  parts: RaisingParts,
  doing: Doing,
  { message, proven }: { readonly message: Message; readonly proven: Proven },
): Message {
  const { stage, reason = null, evidence } = proven;
  const { messages } = doing.work.tables;
  const kept = messages.get(message);
  if (kept === null || !rises(kept.stage, stage)) return kept ?? message;
  const version = kept.version + 1;
  const raised: Message = {
    ...kept,
    ...{ stage, reason, version },
    // The answer itself tells its receiver that it is one. A sender to a topic learns that it is
    // stored, and nothing of the subscribers.
    ...(stage === "answered" || kept.sent_id !== null ? { told: version } : {}),
    ...(isEnd(stage) ? { unread: false, handover: null } : {}),
  };
  messages.put(raised);
  const at_ms = Math.floor(doing.now.wallMs);
  messages.addProof({ ...keyOf(kept), stage, reason, at_ms, evidence });
  doing.work.after(() => tellRaised(parts.context, raised));
  if (kept.direction === "in") tellSender(parts, doing, { message: raised, proven });
  return raised;
}

/** Raises the sender's own row of a message within this machine, or queues a receipt. */
function tellSender(
  parts: RaisingParts,
  doing: Doing,
  { message, proven }: { readonly message: Message; readonly proven: Proven },
): void {
  if (isLocal(parts.context, message)) {
    const out = doing.work.tables.messages.get({ ...keyOf(message), direction: "out" });
    if (out !== null) raise(parts, doing, { message: out, proven });
  } else if (message.told < message.version) queueReceipts(parts, doing, message.fingerprint);
}

/** Queues the receipts of a peer's messages, as one entry. */
export function queueReceipts(
  { context, wake }: RaisingParts,
  { work, now }: Doing,
  fingerprint: string,
): void {
  if (work.tables.peers.get(fingerprint) === null) return;
  const subject_id = receiptsSubject;
  const of = { kind: "receipt", fingerprint, subject_id, scope: null, session: null } as const;
  // A full outbox loses nothing: the next receipt for this peer takes the others along.
  enqueue(context, work, { draft: { ...of, body: "{}", replaces: true }, now });
  work.after(() => wake(fingerprint));
}
