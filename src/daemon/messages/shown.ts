/** Messages in the form for people: lists, one message, and its proven stages. */

import type { ShownMessage, WholeMessage } from "../../contract/messages/inbox.ts";
import type { ReceiptsOutput, StageEvent } from "../../contract/messages/sending.ts";
import { excerptOf } from "../../core/messages/content.ts";
import type { Message, StageProof } from "../../core/messages/message.ts";
import type { Instant } from "../../platform/effects.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { endsOf, type MessageParts } from "./parts.ts";

type Parts = Pick<MessageParts, "context" | "memories">;

/** A message as lists show it. */
export function shownMessage({ context }: Parts, message: Message, now: Instant): ShownMessage {
  const { message_id, thread_id, reply_to, direction, by, stage, reason, quiet, topic } = message;
  const peer = message.peer_name === null ? null : context.tables.peers.get(message.fingerprint);
  const nowMs = elapsedAt(context, now);
  const waits = direction === "in" && (message.unread || stage === "held");
  return {
    ...{ message_id, thread_id, reply_to, direction, by, stage, reason, quiet, topic },
    peer: message.peer_name === null ? null : (peer?.name ?? message.peer_name),
    ...endsOf(context, message),
    mailbox: message.name,
    age_ms: Math.max(0, nowMs - message.stored_ms),
    at_ms: message.stored_at_ms,
    unread: direction === "in" && message.unread,
    excerpt: excerptOf(message.text ?? ""),
    expires_in_ms: waits || stage === "queued" ? Math.max(0, message.expires_ms - nowMs) : null,
  };
}

/** A message with its text. */
export const wholeMessage = (parts: Parts, message: Message, now: Instant): WholeMessage => ({
  ...shownMessage(parts, message, now),
  text: message.text,
});

/** The proven stages of a message. */
export function receiptsOf(parts: Parts, message: Message, now: Instant): ReceiptsOutput {
  const { context, memories } = parts;
  const { messages, peers } = context.tables;
  const { message_id, thread_id, next } = message;
  const peer = message.peer_name === null ? null : peers.get(message.fingerprint);
  const shown = peer === null ? null : memories.shown(peer, now);
  const answer = messages.answerTo(message_id);
  const isAway = message.direction === "out" && shown !== null && shown.link !== "up";
  return {
    ...{ message_id, thread_id, next },
    ...endsOf(context, message),
    stages: messages.proofs(message).map(({ stage, reason, at_ms, evidence }) => ({
      ...{ stage, reason, at_ms, evidence },
    })),
    answer_id: answer?.message_id ?? null,
    answer: answer === null ? null : { from: endsOf(context, answer).from, by: answer.by },
    away: isAway ? { peer: shown.name, last_seen_age_ms: shown.last_seen_age_ms } : null,
  };
}

/** A proven stage as an event; with `answered`, the text of the answer. */
export function stageEvent(parts: Parts, message: Message, proof: StageProof): StageEvent {
  const { stage, reason, at_ms, evidence } = proof;
  const answer =
    stage === "answered" ? parts.context.tables.messages.answerTo(message.message_id) : null;
  const { text = null } = answer ?? {};
  return {
    ...{ stage, reason, at_ms, evidence, next: message.next, message_id: message.message_id },
    answer:
      answer === null || text === null
        ? null
        : {
            ...{ message_id: answer.message_id, by: answer.by, text },
            from: endsOf(parts.context, answer).from,
          },
  };
}
