/**
 * The mail of sessions for the parts that tell sessions of it: what waits, what is handed over, and
 * what was proven. Runs inside its callers' transactions.
 */

import type { GivenMessage } from "../../contract/messages/handover.ts";
import { readCharactersMax, readMessagesMax } from "../../contract/messages/limits.ts";
import { wakesInMs } from "../../core/messages/budgets.ts";
import { mailboxOf } from "../../core/messages/mailbox.ts";
import { type Mailbox, type Message, readsTree } from "../../core/messages/message.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Context, Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { Mail, UnreadMail } from "../context/ports.ts";
import { mayWake } from "./incoming/next.ts";
import { type MessageParts, otherEnd } from "./parts.ts";
import { personActed } from "./person.ts";
import { raise } from "./stages.ts";

/** Makes the mail of a daemon's sessions. */
export function mailOf(parts: MessageParts): Mail {
  const { context } = parts;
  const ofHandover = (work: Work, nonce: string): readonly Message[] =>
    work.tables.messages.ofHandover(nonce);
  return {
    mailboxOf,
    waiting: (work, mailbox, now) => waiting(parts, { work, now }, mailbox),
    take: (work, mailbox, { nonce, now }) => {
      const unread = unreadIn(work, mailbox);
      const taken = fitting(unread);
      for (const message of taken) {
        work.tables.messages.put({ ...message, unread: false, handover: nonce });
      }
      const messages = taken.map((message) => givenOf(context, message, now));
      return { messages, left: unread.length - taken.length };
    },
    announced: (work, ids, { evidence, now }) => {
      for (const id of ids) {
        const message = work.tables.messages.alike(id).find(({ direction }) => direction === "in");
        const proven = { stage: "announced", evidence } as const;
        if (message !== undefined) raise(parts, { work, now }, { message, proven });
      }
    },
    raised: (work, nonce, { stage, now }) => {
      for (const message of ofHandover(work, nonce)) {
        raise(parts, { work, now }, { message, proven: { stage, evidence: `handover ${nonce}` } });
      }
    },
    givenBack: (work, nonce) => {
      for (const message of ofHandover(work, nonce)) {
        work.tables.messages.put({ ...message, unread: true, handover: null });
      }
    },
    woken: (work, { name }, now) => {
      if (name !== null) work.tables.mailboxes.addWake(name, elapsedAt(context, now));
    },
    personActed: (work, { name }, now) => personActed(parts, { work, now }, name),
  };
}

/** Unread messages that a session in this folder reads, oldest first. */
function unreadIn({ tables }: Work, { name, tree }: Mailbox): readonly Message[] {
  if (name === null) return [];
  return tables.messages.unread(name).filter((message) => readsTree(tree, message.tree));
}

function waiting(
  parts: MessageParts,
  doing: { readonly work: Work; readonly now: Instant },
  mailbox: Mailbox,
): UnreadMail {
  const { work, now } = doing;
  const unread = unreadIn(work, mailbox);
  const waking = unread.filter((message) => mayWake(parts, doing, message));
  const wakes = mailbox.name === null ? [] : work.tables.mailboxes.wakes(mailbox.name);
  return {
    count: unread.length,
    loud: unread.filter(({ quiet }) => !quiet).length,
    waking: waking.length,
    wakesInMs: wakesInMs(wakes, elapsedAt(parts.context, now)),
    newest: unread.at(-1)?.message_id ?? null,
    ids: unread.map(({ message_id }) => message_id),
    peers: namesOf(work, unread),
    wakers: namesOf(work, waking),
  };
}

const namesOf = (work: Work, messages: readonly Message[]): readonly (string | null)[] => [
  ...new Set(messages.map((message) => chosenName(work, message))),
];

/** The machine of a message by the name that a person here chose; null for any other. */
function chosenName({ tables }: Work, { fingerprint, peer_name }: Message): string | null {
  const peer = peer_name === null ? null : tables.peers.get(fingerprint);
  return peer?.named_by === "person" ? peer.name : null;
}

/** As many of the oldest messages as one reading may hold; the first always fits. */
function fitting(unread: readonly Message[]): readonly Message[] {
  let characters = 0;
  const fits = ({ text }: Message, nth: number): boolean => {
    characters += JSON.stringify(text ?? "").length;
    return nth === 0 || characters <= readCharactersMax;
  };
  const upTo = unread.findIndex((message, nth) => nth >= readMessagesMax || !fits(message, nth));
  return upTo < 0 ? unread : unread.slice(0, upTo);
}

function givenOf(context: Context, message: Message, { wallMs }: Instant): GivenMessage {
  const { message_id, thread_id, reply_to, peer_name, fingerprint, by, topic, text } = message;
  const peer = peer_name === null ? null : context.tables.peers.get(fingerprint);
  return {
    ...{ message_id, thread_id, reply_to, by, topic },
    from: otherEnd(context, message),
    peer: peer_name === null ? null : (peer?.name ?? peer_name),
    age_ms: Math.max(0, Math.floor(wallMs) - message.stored_at_ms),
    at_ms: message.stored_at_ms,
    text: text ?? "",
  };
}
