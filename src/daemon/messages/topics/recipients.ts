/** Finds the recipients of a message to a topic: subscribers here, and peers that have some. */

import { PeernetError } from "../../../contract/errors.ts";
import { isTold, topicEntry } from "../../../core/topics/topics.ts";
import { type Instant, instantOf } from "../../../platform/effects.ts";
import type { PeerRow } from "../../../store/peers.ts";
import type { Recipient, Recipients } from "../outgoing/recipients.ts";
import type { MessageParts } from "../parts.ts";

type Parts = Pick<MessageParts, "context" | "memories">;

/**
 * The recipients of a topic's message. A peer that is away is one, if its grant allows that: its
 * topics are judged once it is back, before the text leaves. @throws {handle_unknown}
 */
export function topicRecipients(parts: Parts, topic: string): Recipients {
  const { subscriptions, peers } = parts.context.tables;
  const here = subscriptions.of(topic).map(({ name }) => ({ peer: null, name, topic }));
  const now = instantOf(parts.context.effects.clock);
  const there = peers
    .all()
    .filter((peer) => mayHear(parts, { peer, now }, topic))
    .map((peer) => ({ peer, name: null, topic }));
  const all: readonly Recipient[] = [...here, ...there];
  if (all.length > 0) return { all, isToMany: true };
  throw new PeernetError("handle_unknown", {
    message: `no session and no machine that this one knows of subscribes to ${topic}`,
    hint: `where it should arrive: peernet subscribe ${topic}`,
  });
}

function mayHear(
  { context, memories }: Parts,
  { peer, now }: { readonly peer: PeerRow; readonly now: Instant },
  topic: string,
): boolean {
  if (peer.refused || !peer.their_scopes.includes("message")) return false;
  const { topics } = memories.of(peer.fingerprint);
  const isUp = memories.shown(peer, now).link === "up";
  if (topics !== null && (isUp || isTold(context.effects.sha256, topics, topic))) {
    return isTold(context.effects.sha256, topics, topic);
  }
  const entry = peer.their_grants?.entries.find(({ scope }) => scope === "message");
  return entry?.names == null || entry.names.includes(topicEntry(topic));
}
