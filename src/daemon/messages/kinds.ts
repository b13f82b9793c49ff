/** The two kinds of entries that the outbox delivers: messages, and receipts of messages. */

import { type ErrorCode, PeernetError } from "../../contract/errors.ts";
import { receiptsMax } from "../../contract/messages/limits.ts";
import {
  type Receipt,
  type StageReason,
  WireMessageOutput,
} from "../../contract/messages/message.ts";
import { lets, permits } from "../../core/grants.ts";
import { keyOf, type Message } from "../../core/messages/message.ts";
import { toldStage } from "../../core/messages/stages.ts";
import { isTold } from "../../core/topics/topics.ts";
import type { PeerRow } from "../../store/peers.ts";
import { elapsedAt } from "../context/elapsed.ts";
import type { CallPeer, Composing, Ending, Kind } from "../outbox/kinds.ts";
import { type Doing, type MessageParts, recordMessage } from "./parts.ts";
import { type Proven, queueReceipts, raise } from "./stages.ts";

/** The kinds of entries about messages. */
export const messageKinds = (
  parts: MessageParts,
): Readonly<Record<"message" | "receipt", Kind>> => ({
  message: messageKind(parts),
  receipt: receiptKind(parts),
});

const outgoing = ({ entry }: Pick<Composing, "entry">, message_id: string) =>
  ({ direction: "out", fingerprint: entry.fingerprint, message_id }) as const;

/** The id of an entry's message. */
const idOf = (body: string): string => {
  // Only `sending.ts` writes this body.
  const { message_id }: { readonly message_id: string } = JSON.parse(body);
  return message_id;
};

function messageKind(parts: MessageParts): Kind {
  const { context } = parts;
  return {
    compose: ({ work, entry, now }) => {
      const message = work.tables.messages.get(outgoing({ entry }, idOf(entry.body)));
      if (message === null || message.stage !== "queued") return null;
      const { text, salt } = message;
      if (text === null || salt === null) return null;
      const isAwaited = message.topic === null ? true : isSubscribed(parts, message, message.topic);
      // Before the first hello of this run the peer's topics are unknown: the text waits for it.
      if (isAwaited === null) return () => Promise.reject(new PeernetError("peer_unreachable"));
      if (!isAwaited) {
        // An earlier attempt may have arrived, so that nobody refused it as far as is known.
        endMessage(parts, { work, now }, { message, ending: { end: "expired", now } });
        return null;
      }
      const nowMs = elapsedAt(context, now);
      const { message_id, thread_id, reply_to, name: from, other: to, by, quiet, topic } = message;
      const input = {
        ...{ message_id, thread_id, reply_to, from, to, by, text, salt, quiet, topic },
        age_ms: Math.max(0, nowMs - message.stored_ms),
        expires_in_ms: Math.max(0, message.expires_ms - nowMs),
      };
      return (call) => call("message", input);
    },
    ended: (work, entry, ending) => {
      const message = work.tables.messages.get(outgoing({ entry }, idOf(entry.body)));
      if (message !== null) endMessage(parts, { work, now: ending.now }, { message, ending });
    },
  };
}

/** True when the peer has a subscriber of a topic; null before its first hello of this run. */
function isSubscribed(
  { context, memories }: MessageParts,
  { fingerprint }: Message,
  topic: string,
): boolean | null {
  const { topics } = memories.of(fingerprint);
  return topics === null ? null : isTold(context.effects.sha256, topics, topic);
}

/** Notes what came of an outgoing message. */
function endMessage(
  parts: MessageParts,
  doing: Doing,
  { message, ending }: { readonly message: Message; readonly ending: Ending },
): void {
  const reply = WireMessageOutput.safeParse(ending.reply).data;
  if (ending.end === "done" && reply !== undefined) {
    doing.work.tables.messages.put({ ...message, next: reply.next });
    const evidence = `reply at ${trailOf(parts, doing, message)}`;
    raise(parts, doing, { message, proven: { stage: reply.stage, evidence } });
    const origin = ending.reverse === undefined ? {} : { reverse: ending.reverse };
    recordMessage(parts.context, doing.work, { message, outcome: reply.stage, origin });
    return;
  }
  const proven = failureOf(ending);
  const outcome = ending.error?.code ?? proven.stage;
  const { reason } = proven;
  recordMessage(parts.context, doing.work, { message, outcome, reason });
  raise(parts, doing, { message, proven });
}

/**
 * The length that a peer's trail had at least as it took a message, as far as is known: of a peer
 * that was restored later, this shows which messages it lost.
 */
function trailOf({ memories }: MessageParts, { work }: Doing, { fingerprint }: Message): number {
  const kept = work.tables.peers.get(fingerprint)?.checkpoint?.seq ?? 0;
  return Math.min(kept, memories.of(fingerprint).trailSeq ?? kept);
}

function failureOf({ end, error }: Ending): Proven & { readonly reason: StageReason } {
  if (end === "expired") return { stage: "expired", reason: "unsent", evidence: "outbox" };
  if (error === undefined) return { stage: "refused", reason: "dropped", evidence: "outbox" };
  const stage = error.code === "message_expired" ? "expired" : "refused";
  return { stage, reason: reasonOf(error), evidence: `reply ${error.code}` };
}

const reasons: Readonly<Partial<Record<ErrorCode, StageReason>>> = {
  scope_denied: "grant",
  handle_unknown: "unknown",
  inbox_full: "full",
  message_expired: "unsent",
  message_refused: "hops",
};

const reasonOf = ({ code }: PeernetError): StageReason => reasons[code] ?? "other";

function receiptKind(parts: MessageParts): Kind {
  /** The receipts that left last, by peer: one entry of each is sent at a time. */
  const left = new Map<string, readonly Message[]>();
  return {
    compose: (composing) => {
      const { messages, receipts } = dueReceipts(composing);
      if (receipts.length === 0) return null;
      left.set(composing.peer.fingerprint, messages);
      return (call: CallPeer) => call("receipt", { receipts: [...receipts] });
    },
    ended: (work, { fingerprint }, { end, now }) => {
      // After an expiry the next receipt of this peer takes the others along.
      if (end === "expired") return;
      const { messages } = work.tables;
      const isTaken = end === "done";
      const told = isTaken ? left.get(fingerprint) : messages.dueTo(fingerprint, messagesDueMax);
      for (const message of told ?? []) noteTold(work, message);
      const isMoreDue = isTaken && messages.dueTo(fingerprint, 1).length > 0;
      if (isMoreDue) queueReceipts(parts, { work, now }, fingerprint);
    },
  };
}

/** Receipts that a peer refuses, or that a person drops, at once. */
const messagesDueMax = 1_000_000;

interface Due {
  readonly messages: readonly Message[];
  readonly receipts: readonly Receipt[];
}

/** The receipts that leave next; those that the peer may not have are noted as told. */
function dueReceipts(composing: Composing): Due {
  const { work, peer } = composing;
  for (;;) {
    const due = work.tables.messages.dueTo(peer.fingerprint, receiptsMax);
    const found = due.map((message) => ({ message, receipt: receiptOf(composing, message) }));
    const told = found.flatMap(({ message, receipt }) =>
      receipt === null ? [] : [{ message, receipt }],
    );
    for (const { message, receipt } of found) if (receipt === null) noteTold(work, message);
    if (told.length > 0 || due.length < receiptsMax) {
      const messages = told.map(({ message }) => message);
      return { messages, receipts: told.map(({ receipt }) => receipt) };
    }
  }
}

/** Notes the version that the sender has; a later one is still due. */
function noteTold({ tables }: Doing["work"], { version, ...message }: Message): void {
  const kept = tables.messages.get(keyOf(message));
  if (kept !== null && kept.told < version) tables.messages.put({ ...kept, told: version });
}

/** A message's present stage, as far as the peer may learn it now. */
function receiptOf({ work, peer, now }: Composing, message: Message): Receipt | null {
  const stage = toldStage(message.stage, maySee(peer, message, now));
  if (stage === null) return null;
  const { message_id, version, reason } = message;
  const proof = work.tables.messages.proofs(message).find((each) => each.stage === stage);
  const age_ms = Math.max(0, Math.floor(now.wallMs - (proof?.at_ms ?? now.wallMs)));
  return { message_id, version, stage, reason, age_ms };
}

/** True when the peer may see the state of the session that the message is for. */
export function maySee(
  { grants }: Pick<PeerRow, "grants">,
  { name }: Pick<Message, "name">,
  now: Composing["now"],
): boolean {
  if (name === null) return false;
  const verdict = permits(grants, { scope: "ask", name }, now);
  return verdict.permitted && lets(verdict.shown, "state");
}

/** The next thing for a message, as far as its peer may know it: two ways tell the program. */
export function nextFor(
  { grants }: Pick<PeerRow, "grants">,
  { name, next }: Pick<Message, "name" | "next">,
  now: Composing["now"],
): Message["next"] {
  if (!maySee({ grants }, { name }, now)) return null;
  if (next !== "inbox" && next !== "call") return next;
  const verdict = permits(grants, { scope: "ask", name }, now);
  return verdict.permitted && lets(verdict.shown, "harness") ? next : null;
}
