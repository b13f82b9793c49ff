/** Dependencies and small steps that the parts about messages share. */

import type { StageReason } from "../../contract/messages/message.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import type { Message } from "../../core/messages/message.ts";
import { topicEntry } from "../../core/topics/topics.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import type { Notices } from "../context/ports.ts";
import type { Links } from "../links/links.ts";
import type { PeerMemories } from "../peers/memories.ts";

/** Dependencies of the parts about messages. */
export interface MessageParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
  readonly notices: Notices;
  /** Sends a peer's waiting entries. */
  readonly wake: (fingerprint: string) => void;
}

/** A transaction, and the instant of its request. */
export interface Doing {
  readonly work: Work;
  readonly now: Instant;
}

/** True for a message between two sessions of this machine. */
export const isLocal = (
  { identity }: Pick<Context, "identity">,
  { fingerprint }: Pick<Message, "fingerprint">,
): boolean => fingerprint === identity.fingerprint;

/** The end of a message at the other machine, as people here write it. */
export function otherEnd(
  { config, tables }: Pick<Context, "config" | "tables">,
  { direction, fingerprint, peer_name, other, topic }: Message,
): string {
  const peer = peer_name === null ? null : tables.peers.get(fingerprint);
  const machine = peer_name === null ? config.machine.name : (peer?.name ?? peer_name);
  const isToTopic = direction === "out" && topic !== null && peer_name !== null;
  if (isToTopic) return `${machine}/${topicEntry(topic)}`;
  return other === null ? machine : `${machine}/${other}`;
}

/** The two ends of a message, as people here write them. */
export function endsOf(
  context: Pick<Context, "config" | "tables">,
  message: Message,
): { readonly from: string; readonly to: string } {
  const machine = context.config.machine.name;
  const own = message.name === null ? machine : `${machine}/${message.name}`;
  const other = otherEnd(context, message);
  return message.direction === "in" ? { from: other, to: own } : { from: own, to: other };
}

/** A message, and what is recorded of it besides its ends and its digest. */
export interface Recorded {
  readonly message: Message;
  readonly outcome: string;
  readonly origin?: Partial<AuditDraft>;
  readonly reason?: StageReason | null;
}

/** Records a message: its ends, its digest, its size, never its text. */
export function recordMessage(
  context: Context,
  work: Work,
  { message, outcome, origin = {}, reason = null }: Recorded,
): void {
  const { from, to } = endsOf(context, message);
  const local = isLocal(context, message);
  const bytes = new TextEncoder().encode(message.text ?? "").length;
  const peer = { peer_fingerprint: message.fingerprint, peer_name: message.peer_name };
  work.record({
    direction: local ? "local" : message.direction,
    verb: "message",
    ...(local ? { origin_transport: "control" } : peer),
    ...origin,
    handle: to,
    from_handle: from,
    outcome,
    thread_id: message.thread_id,
    subject_id: message.message_id,
    content_sha256: message.content_sha256,
    details: {
      by: message.by,
      bytes,
      ...(reason === null ? {} : { reason }),
      ...(message.quiet ? { quiet: true } : {}),
      ...(message.topic === null ? {} : { topic: message.topic }),
    },
  });
}
