/**
 * Answers messages of peers. The same id again repeats the recorded outcome; no byte of the answer
 * leaves before that is durable.
 */

import { accept, type Outcome, refuse, refuseWith } from "../../../contract/errors.ts";
import type { WireMessage, WireMessageOutput } from "../../../contract/messages/message.ts";
import type { AuditDraft } from "../../../core/audit-chain.ts";
import { contentDigest } from "../../../core/messages/content.ts";
import type { MessageKey } from "../../../core/messages/message.ts";
import type { PeerRow } from "../../../store/peers.ts";
import type { PeerCounts } from "../../context/peer-counts.ts";
import { nextFor } from "../kinds.ts";
import { type Doing, type MessageParts, recordMessage } from "../parts.ts";
import { takeForTopic } from "../topics/incoming.ts";
import { noteRefused, refusedBefore } from "./refused.ts";
import { take } from "./taking.ts";

/** One message of a peer, inside the transaction that decides it. */
export interface Leaving {
  readonly peer: PeerRow;
  readonly doing: Doing;
  readonly input: WireMessage;
  readonly origin: Partial<AuditDraft>;
  readonly counts: PeerCounts;
  /** True where the tailnet says that the machine is another person's. */
  readonly isOthers: boolean;
}

/** Takes a message of a peer, or refuses it. */
export function answerMessage(parts: MessageParts, leaving: Leaving): Outcome<WireMessageOutput> {
  const { peer, doing, input, origin, counts } = leaving;
  const { now } = doing;
  const coming = { input, peer, isOthers: leaving.isOthers };
  const { topic } = input;
  const former = refusedBefore(parts.context, keyOf(leaving), now);
  const decided =
    repeatedOutcome(parts, leaving) ??
    (former === null ? null : refuseWith(former)) ??
    (topic === null
      ? take(parts, doing, coming)
      : takeForTopic(parts, doing, { ...coming, topic, counts }));
  if (!decided.ok) {
    const { message_id: subject_id, thread_id } = input;
    const draft = { direction: "in", verb: "message", ...origin, subject_id, thread_id } as const;
    const handle = input.to ?? parts.context.config.machine.name;
    const { error } = decided;
    doing.work.after(() => noteRefused(parts.context, keyOf(leaving), { error, now }));
    counts.refused(doing.work, { ...draft, handle, peer, outcome: decided.error.code }, now);
    return decided;
  }
  if (decided.value === "repeated") return accept(repeatedOutput(leaving));
  const message = decided.value;
  recordMessage(parts.context, doing.work, { message, outcome: message.stage, origin });
  doing.work.after(() => counts.answered(peer.fingerprint, now));
  const stage = message.stage === "held" ? "held" : "stored";
  return accept({ stage, next: nextFor(peer, message, now) });
}

const keyOf = ({ peer, input }: Leaving): MessageKey => ({
  direction: "in",
  fingerprint: peer.fingerprint,
  message_id: input.message_id,
});

/** The outcome for an id that this peer used before; null for a new one. */
function repeatedOutcome({ context }: MessageParts, leaving: Leaving): Outcome<"repeated"> | null {
  const { messages } = leaving.doing.work.tables;
  const key = keyOf(leaving);
  const kept = messages.get(key);
  const before = kept ?? messages.tombstone(key);
  if (before === null) return null;
  const { input } = leaving;
  const isSame = before.content_sha256 === contentDigest(input, context.effects.sha256);
  const isSameReader = kept === null || kept.name === input.to;
  return isSame && isSameReader ? accept("repeated") : refuse("id_conflict");
}

/** Tells a repeated message's first outcome, and no fact of this moment. */
function repeatedOutput(leaving: Leaving): WireMessageOutput {
  const { messages } = leaving.doing.work.tables;
  const kept = messages.get(keyOf(leaving)) ?? messages.tombstone(keyOf(leaving));
  return { stage: kept?.stage === "held" ? "held" : "stored", next: null };
}
