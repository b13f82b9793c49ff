/**
 * Takes a peer's message to a topic: this machine's own subscriptions decide its mailboxes. Each
 * subscriber gets a copy; the sender learns that one is stored, and no count.
 */

import {
  accept,
  type Outcome,
  type PeernetError,
  refuse,
  refuseWith,
} from "../../../contract/errors.ts";
import { tombstoneMs } from "../../../contract/messages/limits.ts";
import type { Message } from "../../../core/messages/message.ts";
import { permitsTopic } from "../../../core/topics/topics.ts";
import type { PeerRow } from "../../../store/peers.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import type { PeerCounts } from "../../context/peer-counts.ts";
import { type Coming, take } from "../incoming/taking.ts";
import type { Doing, MessageParts } from "../parts.ts";

/** A message of a peer to a topic. */
export interface ComingToTopic extends Coming {
  readonly peer: PeerRow;
  readonly topic: string;
  readonly counts: Pick<PeerCounts, "answered">;
}

/**
 * Stores a copy for each subscriber with room; returns one message that stands for all. Refuses as
 * `take`, and a topic without a subscriber with {handle_unknown}.
 */
export function takeForTopic(
  parts: MessageParts,
  doing: Doing,
  { topic, counts, ...coming }: ComingToTopic,
): Outcome<Message> {
  const { input, peer } = coming;
  const verdict = permitsTopic(peer.grants, topic, doing.now);
  if (!verdict.permitted && verdict.why === "scope") return refuse("scope_denied");
  if (!verdict.permitted) return refuse("handle_unknown");
  const copies: Message[] = [];
  let refused: PeernetError | null = null;
  for (const mailbox of doing.work.tables.subscriptions.of(topic)) {
    const copied = {
      ...{ ...input, message_id: parts.context.effects.random.uuid(), to: mailbox.name },
      ...{ reply_to: null, quiet: true },
    };
    const copy = { sent_id: input.message_id, mailbox };
    const taken = take(parts, doing, { ...coming, input: copied, copy });
    if (taken.ok) copies.push(taken.value);
    else refused ??= taken.error;
  }
  const [first] = copies;
  if (first === undefined) return refused === null ? refuse("handle_unknown") : refuseWith(refused);
  const { fingerprint, content_sha256 } = first;
  const stage = copies.some((copy) => copy.stage === "stored") ? "stored" : "held";
  const key = { direction: "in", fingerprint, message_id: input.message_id } as const;
  const until_ms = elapsedAt(parts.context, doing.now) + tombstoneMs;
  // The copies have ids of their own: this one stays known as that of a removed message does.
  doing.work.tables.messages.putTombstone({ ...key, content_sha256, stage, until_ms });
  // Each subscriber counts among the peer's operations of this day; the caller counts the first.
  doing.work.after(() => {
    for (const _ of copies.slice(1)) counts.answered(peer.fingerprint, doing.now);
  });
  return accept({ ...first, ...key, stage, name: null, tree: null, next: null });
}
