/**
 * Sends one message, in one transaction: to a session of this machine it arrives there and then; to
 * a peer's it is queued in the outbox.
 */

import { accept, type Outcome, refuse } from "../../../contract/errors.ts";
import { grantingThere } from "../../../contract/grants/words.ts";
import { messageLifeMs, saltBytes } from "../../../contract/messages/limits.ts";
import { base64url } from "../../../contract/text/encoding.ts";
import { listed } from "../../../contract/text/words.ts";
import { areHopsSpent, ownHops } from "../../../core/messages/budgets.ts";
import { contentDigest } from "../../../core/messages/content.ts";
import type { Message } from "../../../core/messages/message.ts";
import { letOut } from "../../../core/messages/outbound.ts";
import type { PeerRow } from "../../../store/peers.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import { enqueue } from "../../outbox/enqueue.ts";
import { take } from "../incoming/taking.ts";
import { type Doing, type MessageParts, recordMessage } from "../parts.ts";
import { begin, raise } from "../stages.ts";
import type { Recipient } from "./recipients.ts";
import type { Writer } from "./senders.ts";

/** A message as its writer gives it, with its fresh ids. */
export interface Written {
  readonly writer: Writer;
  readonly recipient: Recipient;
  readonly text: string;
  /** The message that it answers, as this machine has it. */
  readonly answers: Message | null;
  /** True for a message to many: it starts no turn. */
  readonly quiet: boolean;
}

/** Sends a message. Refuses with the errors of the row `send`. */
export function leave(parts: MessageParts, doing: Doing, written: Written): Outcome<Message> {
  const { peer } = written.recipient;
  const allowed = peer === null ? accept(undefined) : mayWrite(parts, written, peer);
  const message = draftOf(parts, doing, written);
  if (!allowed.ok) {
    recordMessage(parts.context, doing.work, { message, outcome: allowed.error.code });
    return allowed;
  }
  if (areHopsSpent(message.hops)) {
    return refuse("message_refused", {
      message: "the two sessions have answered each other too often without a person",
      hint: "a person goes on: a prompt here, or peernet send in a terminal",
      details: { reason: "hops" },
    });
  }
  const left = peer === null ? leaveHere(parts, doing, message) : queue(parts, doing, message);
  if (left.ok) noteAnswered(parts, doing, { answer: left.value, answers: written.answers });
  return left;
}

/** Lets a message out to a peer. Refuses with {outbound_refused} {scope_denied}. */
function mayWrite(
  { context }: MessageParts,
  { writer, answers, recipient }: Written,
  peer: PeerRow,
): Outcome<void> {
  const { by } = writer;
  const { to } = context.config.messages;
  const out = letOut({ by, peer: { name: peer.name, isMine: peer.grants.mine }, to });
  if (!out.ok) return out;
  const isAnswer = answers?.direction === "in" && answers.fingerprint === peer.fingerprint;
  const isToWriter = isAnswer && answers.other === recipient.name;
  if (isToWriter || isLet(peer, recipient)) return accept(undefined);
  const there = { name: peer.name, grants: { our_paused: peer.their_grants?.paused ?? false } };
  const granting = (given: string): string =>
    grantingThere(there, context.config.machine.name, given);
  if (!peer.their_scopes.includes("message")) {
    return refuse("scope_denied", {
      message: `${peer.name} does not let this machine leave messages`,
      hint: granting("message wake"),
    });
  }
  const names = namesLet(peer) ?? [];
  const more = recipient.name === null ? "message" : `message:${[...names, recipient.name].join()}`;
  return refuse("scope_denied", {
    message: `${peer.name} lets this machine leave messages for ${listed(names)} alone`,
    hint: granting(more),
  });
}

/** The handles that a peer's grant is limited to, as it told; null for every one. */
const namesLet = ({ their_grants }: PeerRow): readonly string[] | null =>
  their_grants?.entries.find(({ scope }) => scope === "message")?.names ?? null;

/** True when a peer lets this machine leave such a message, as far as it told. */
export function isLet(peer: PeerRow, { name, topic }: Omit<Recipient, "peer">): boolean {
  // A topic's recipients were chosen by the same entries.
  const names = topic === undefined ? namesLet(peer) : null;
  const isNamed = names === null || (name !== null && names.includes(name));
  return peer.their_scopes.includes("message") && isNamed;
}

/** The outgoing row of a message. */
function draftOf({ context }: MessageParts, { work, now }: Doing, written: Written): Message {
  const { writer, recipient, text, answers, quiet } = written;
  const { effects, identity } = context;
  const { messages, mailboxes } = work.tables;
  const { name, tree } = writer.mailbox;
  const fingerprint = recipient.peer?.fingerprint ?? identity.fingerprint;
  const nowMs = elapsedAt(context, now);
  const salt = base64url(effects.random.bytes(saltBytes));
  const personMs = name === null ? null : mailboxes.personMs(name);
  const other = recipient.name;
  const otherWay = messages.latest({ direction: "in", fingerprint, name, other });
  const repliedTo = answers?.direction === "in" ? answers : null;
  const hops = ownHops(writer.by, { repliedTo, otherWay, personMs }, nowMs);
  return {
    ...{ direction: "out", fingerprint, message_id: effects.random.uuid() },
    thread_id: answers?.thread_id ?? effects.random.uuid(),
    reply_to: answers?.sent_id ?? answers?.message_id ?? null,
    ...{ peer_name: recipient.peer?.name ?? null, name, tree, other, by: writer.by, text, salt },
    ...{ topic: recipient.topic ?? null, sent_id: null },
    content_sha256: contentDigest({ text, salt }, effects.sha256),
    ...{ hops, quiet, waking: "never", stage: "queued", reason: null, version: 1, told: 1 },
    ...{ next: null, unread: false, handover: null },
    stored_at_ms: Math.floor(now.wallMs),
    stored_ms: nowMs,
    expires_ms: nowMs + messageLifeMs,
  };
}

/** Stores a message for a session, or for the person, of this machine. */
function leaveHere(parts: MessageParts, doing: Doing, message: Message): Outcome<Message> {
  const { message_id, thread_id, reply_to, name: from, other: to, by, text, salt } = message;
  const { quiet, topic } = message;
  const input = {
    ...{ message_id, thread_id, reply_to, from, to, by, quiet, topic },
    ...{ text: text ?? "", salt: salt ?? "", age_ms: 0, expires_in_ms: messageLifeMs },
  };
  begin(doing.work, message, "command");
  const taken = take(parts, doing, { input, peer: null });
  if (!taken.ok) {
    doing.work.tables.messages.remove(message);
    recordMessage(parts.context, doing.work, { message, outcome: taken.error.code });
    return taken;
  }
  const { next, stage } = taken.value;
  doing.work.tables.messages.put({ ...message, next });
  const sent = raise(parts, doing, { message, proven: { stage, evidence: "stored here" } });
  recordMessage(parts.context, doing.work, { message, outcome: stage });
  return accept(sent);
}

/** Queues a message for a peer. Refuses with {outbox_full}. */
function queue(parts: MessageParts, doing: Doing, message: Message): Outcome<Message> {
  const { context, wake } = parts;
  const { fingerprint, message_id, thread_id: subject_id, name, text } = message;
  const draft = {
    kind: "message",
    id: message_id,
    ...{ fingerprint, subject_id, scope: null, session: name },
    body: JSON.stringify({ message_id }),
    textBytes: new TextEncoder().encode(text ?? "").length,
  } as const;
  const queued = enqueue(context, doing.work, { draft, now: doing.now });
  if (!queued.ok) return queued;
  begin(doing.work, message, "command");
  recordMessage(context, doing.work, { message, outcome: "asked" });
  doing.work.after(() => wake(fingerprint));
  return accept(message);
}

/** Raises the message of this machine's mailbox that an outgoing one answers. */
function noteAnswered(
  parts: MessageParts,
  doing: Doing,
  { answer, answers }: { readonly answer: Message; readonly answers: Message | null },
): void {
  const { fingerprint, message_id } = answer;
  if (answers?.direction !== "in" || answers.fingerprint !== fingerprint) return;
  const proven = { stage: "answered", evidence: `message ${message_id}` } as const;
  raise(parts, doing, { message: answers, proven });
}
