/**
 * Takes a message of a peer or of a session here into a mailbox, in the transaction of its arrival:
 * loads the receiver's own rows, decides, and saves.
 */

import { accept, type Outcome } from "../../../contract/errors.ts";
import {
  budgetHourMs,
  heldLifeMs,
  messageLifeMs,
  replyWithoutGrantMs,
} from "../../../contract/messages/limits.ts";
import type { WireMessage } from "../../../contract/messages/message.ts";
import { type At, liveEntries, permits, type Verdict } from "../../../core/grants.ts";
import { type Arriving, arrive, type Taking } from "../../../core/messages/arrival.ts";
import { hopsOf } from "../../../core/messages/budgets.ts";
import { contentDigest } from "../../../core/messages/content.ts";
import { heldForMs, mayKnow } from "../../../core/messages/mailbox.ts";
import { type Mailbox, type Message, personsMailbox } from "../../../core/messages/message.ts";
import { permitsTopic } from "../../../core/topics/topics.ts";
import type { PeerRow } from "../../../store/peers.ts";
import { elapsedAt } from "../../context/elapsed.ts";
import type { Doing, MessageParts } from "../parts.ts";
import { begin, raise } from "../stages.ts";
import { type Known, knownHandle } from "./handles.ts";
import { nextOf } from "./next.ts";

/** A message that arrives; without a peer it comes from this machine. */
export interface Coming {
  readonly input: WireMessage;
  readonly peer: PeerRow | null;
  /** True where the tailnet says that the machine is another person's: that can only add a hold. */
  readonly isOthers?: boolean;
  /** The copy of a topic's message for one subscriber: its id at the sender, and its mailbox. */
  readonly copy?: { readonly sent_id: string; readonly mailbox: Mailbox };
}

/** The rows of this machine by which a message is judged. */
interface Found {
  readonly nowMs: number;
  readonly fingerprint: string;
  /** The message of this mailbox that it answers. */
  readonly answered: Message | null;
  readonly known: Known | null;
  readonly mailbox: Mailbox;
  /** When a person last acted at the handle. */
  readonly personMs: number | null;
  readonly hops: number;
}

/** Takes a message. Refuses with the codes of `arrive`. */
export function take(parts: MessageParts, doing: Doing, coming: Coming): Outcome<Message> {
  const found = find(parts, doing, coming);
  const decided = arrive(arrivingOf(doing, coming, found));
  if (!decided.ok) return decided;
  const arrived = messageOf(parts, doing, { coming, found, taking: decided.value });
  const message = { ...arrived, next: nextOf(parts, doing, arrived) };
  begin(doing.work, message, "call");
  if (message.stage === "stored") {
    markAnswered(parts, doing, message);
    if (!message.quiet) doing.work.after(() => parts.notices.arrived(found.mailbox));
  }
  return accept(message);
}

/** Raises the message of this machine that a stored message answers. */
export function markAnswered(parts: MessageParts, doing: Doing, answer: Message): void {
  const { fingerprint, reply_to, message_id: id } = answer;
  if (reply_to === null) return;
  const key = { direction: "out", fingerprint, message_id: reply_to } as const;
  const message = doing.work.tables.messages.get(key);
  if (message === null) return;
  raise(parts, doing, { message, proven: { stage: "answered", evidence: `message ${id}` } });
}

function find({ context }: MessageParts, doing: Doing, { input, peer, copy }: Coming): Found {
  const { messages, mailboxes } = doing.work.tables;
  const nowMs = elapsedAt(context, doing.now);
  const fingerprint = peer?.fingerprint ?? context.identity.fingerprint;
  const { to: name, from: other, reply_to } = input;
  const known = name === null ? null : knownHandle(context, doing, name);
  const repliedTo =
    reply_to === null
      ? null
      : messages.get({ direction: "out", fingerprint, message_id: reply_to });
  const isAnswer = repliedTo !== null && repliedTo.name === name;
  const isRecent = isAnswer && nowMs - repliedTo.stored_ms <= replyWithoutGrantMs;
  const tree = isAnswer ? repliedTo.tree : (known?.tree ?? null);
  const personMs = name === null ? null : mailboxes.personMs(name);
  const otherWay = messages.latest({ direction: "out", fingerprint, name, other });
  const hops = hopsOf({ repliedTo: isAnswer ? repliedTo : null, otherWay, personMs }, nowMs);
  const mailbox = copy?.mailbox ?? (name === null ? personsMailbox : { name, tree });
  const answered = isRecent ? repliedTo : null;
  return { nowMs, fingerprint, answered, known, mailbox, personMs, hops };
}

function arrivingOf({ work, now }: Doing, coming: Coming, found: Found): Arriving {
  const { input, peer, isOthers = false, copy } = coming;
  const { messages } = work.tables;
  const { to: name, thread_id } = input;
  const since = { personMs: found.personMs ?? -1, hourMs: found.nowMs - budgetHourMs };
  const verdict = peer === null ? null : mayLeave(peer, input, now);
  return {
    source:
      peer === null || verdict === null
        ? { is: "here" }
        : { is: "peer", verdict, holds: isOthers || (peer.grants.hold && !peer.grants.mine) },
    isPersons: name === null,
    isReply: found.answered !== null,
    isKnown: name === null || copy !== undefined || isKnown(found, peer, now),
    hops: found.hops,
    taken:
      name === null ? { sincePerson: 0, thread: 0 } : messages.taken({ name, thread_id }, since),
    waiting: { mailbox: messages.waitingOf(name), all: messages.waitingInAll() },
    isQuiet: input.quiet,
    expiresInMs: input.expires_in_ms,
  };
}

/** The grant's answer; a grant that names handles does not name the person. */
const mayLeave = ({ grants }: PeerRow, { to, topic }: WireMessage, at: At): Verdict =>
  topic === null
    ? permits(grants, { scope: "message", name: to ?? "" }, at)
    : permitsTopic(grants, topic, at);

function isKnown({ known }: Found, peer: PeerRow | null, at: At): boolean {
  if (known === null) return false;
  if (peer === null) return mayKnow(known, null);
  const entry = liveEntries(peer.grants, at).find(({ scope }) => scope === "message");
  return entry !== undefined && mayKnow(known, heldForMs(entry, at));
}

interface Making {
  readonly coming: Coming;
  readonly found: Found;
  readonly taking: Taking;
}

function messageOf(
  { context }: MessageParts,
  { now }: Doing,
  { coming, found, taking }: Making,
): Message {
  const { input, peer, copy } = coming;
  const { message_id, thread_id, reply_to, from: other, by, text, salt } = input;
  const isHeld = taking.stage === "held";
  const lifeMs = Math.min(isHeld ? heldLifeMs : messageLifeMs, input.expires_in_ms);
  return {
    ...{ direction: "in", fingerprint: found.fingerprint, message_id, thread_id, reply_to },
    ...{ peer_name: peer?.name ?? null, ...found.mailbox, other, by, text, salt },
    ...{ topic: input.topic, sent_id: copy?.sent_id ?? null },
    content_sha256: contentDigest(input, context.effects.sha256),
    ...{ hops: found.hops, quiet: taking.quiet, waking: taking.waking },
    ...{ stage: taking.stage, reason: null, version: 1, told: 1, next: null },
    ...{ unread: !isHeld, handover: null },
    stored_at_ms: Math.floor(now.wallMs),
    stored_ms: found.nowMs,
    expires_ms: found.nowMs + lifeMs,
  };
}
