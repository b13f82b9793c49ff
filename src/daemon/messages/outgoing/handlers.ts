/**
 * Handlers by which sessions and people of this machine send. Each message is durable here before
 * the answer; a peer that is there gets a moment to store it, so that the answer can say so.
 */

import type { Control } from "../../../contract/control.ts";
import { type Outcome, PeernetError, settle } from "../../../contract/errors.ts";
import { greetingMs } from "../../../contract/limits.ts";
import { recipientsMax, sendPatienceMs } from "../../../contract/messages/limits.ts";
import type { SendInput, SendOutput, Sent } from "../../../contract/messages/sending.ts";
import type { Handlers } from "../../../contract/operation/operation.ts";
import type { Message } from "../../../core/messages/message.ts";
import { type Instant, instantOf } from "../../../platform/effects.ts";
import type { PeerRow } from "../../../store/peers.ts";
import type { LocalCaller, Work } from "../../context/context.ts";
import { foundMessage } from "../finding.ts";
import { endsOf, type MessageParts } from "../parts.ts";
import { personActed } from "../person.ts";
import { onRaised } from "../raised.ts";
import { topicRecipients } from "../topics/recipients.ts";
import { type Recipient, type Recipients, recipientsOf } from "./recipients.ts";
import { writerOf } from "./senders.ts";
import { isLet, leave } from "./sending.ts";

/** Handlers of the rows that send. */
export function sendingHandlers(
  parts: MessageParts,
): Pick<Handlers<Control, LocalCaller>, "send" | "reply"> {
  return {
    send: async (input, { now }) => {
      const { all, isToMany } = addressed(parts, input, now);
      if (isToMany) requireAgreed(input, all);
      const answers = (work: Work): Message | null => answeredOf(work, input.reply_to);
      const asked = { input, answers, quiet: isToMany, now };
      if (!isToMany) return one(parts, asked, all[0] ?? nobody);
      return toMany(parts, asked, all.slice(0, recipientsMax));
    },
    reply: async ({ id, text, from }, { now }) => {
      const found = foundMessage(parts.context.tables, id, "in");
      const recipient = { peer: peerOf(parts, found), name: found.other };
      const input = { text, from };
      return one(parts, { input, answers: () => found, quiet: false, now }, recipient);
    },
  };
}

/** The recipients of a message. @throws {bad_request} {peer_unknown} {handle_unknown} */
function addressed(parts: MessageParts, input: SendInput, now: Instant): Recipients {
  const { to, topic, reply_to } = input;
  if (topic === null) return recipientsOf(parts, to, now);
  if (to === null && reply_to === null) return topicRecipients(parts, topic);
  throw new PeernetError("bad_request", {
    message: "a message to a topic has no other recipient and answers no message",
    hint: `peernet send --topic ${topic}`,
  });
}

const nobody: Recipient = { peer: null, name: null };

/** A message with its writer, before its recipient. */
interface Asked {
  readonly input: Pick<SendInput, "text" | "from">;
  readonly answers: (work: Work) => Message | null;
  readonly quiet: boolean;
  readonly now: Instant;
}

/** The peer of an incoming message. @throws {peer_unknown} after the pairing ended */
function peerOf({ context }: MessageParts, { fingerprint, peer_name }: Message): PeerRow | null {
  if (peer_name === null) return null;
  const peer = context.tables.peers.get(fingerprint);
  if (peer !== null) return peer;
  throw new PeernetError("peer_unknown", {
    message: `${peer_name} is not paired with this machine any more`,
    hint: "peernet pair",
  });
}

/** The message with an id, as its reader here has it, else as its writer here has it. */
function answeredOf({ tables }: Work, id: string | null): Message | null {
  if (id === null) return null;
  const all = tables.messages.alike(id);
  const found = all.find(({ direction }) => direction === "in") ?? all[0];
  if (found !== undefined) return found;
  throw new PeernetError("id_unknown", {
    message: "no message here has that id",
    hint: "leave reply_to out, or peernet inbox --all",
  });
}

/** Refuses a message to several machines until a person agreed. @throws {outbound_refused} */
function requireAgreed({ agreed }: SendInput, all: readonly Recipient[]): void {
  const others = new Set(
    all.flatMap(({ peer }) => (peer === null || peer.grants.mine ? [] : [peer.name])),
  );
  if (agreed || others.size === 0) return;
  throw new PeernetError("outbound_refused", {
    message: `it would reach machines that are not marked as yours: ${[...others].join(", ")}`,
    hint: "a person agrees, in a terminal: peernet send, and then y",
    details: { machines: [...others] },
  });
}

async function one(parts: MessageParts, asked: Asked, recipient: Recipient): Promise<SendOutput> {
  return { sent: [settle(await sendTo(parts, asked, recipient))], refused: [] };
}

async function toMany(
  parts: MessageParts,
  asked: Asked,
  all: readonly Recipient[],
): Promise<SendOutput> {
  const own = parts.context.config.machine.name;
  const ended = await Promise.all(
    all.map(async (recipient) => ({
      to: `${recipient.peer?.name ?? own}/${recipient.name ?? recipient.topic ?? ""}`,
      outcome: await sendTo(parts, asked, recipient),
    })),
  );
  // A session does not write to itself by writing to all.
  const others = ended.filter(
    ({ outcome }) => outcome.ok || outcome.error.details?.own !== true || ended.length === 1,
  );
  return {
    sent: others.flatMap(({ outcome }) => (outcome.ok ? [outcome.value] : [])),
    refused: others.flatMap(({ to, outcome }) =>
      outcome.ok ? [] : [{ to, error: outcome.error.body }],
    ),
  };
}

/** Sends to one recipient; resolves when a peer that is there has stored it, or soon. */
async function sendTo(
  parts: MessageParts,
  asked: Asked,
  recipient: Recipient,
): Promise<Outcome<Sent>> {
  const { peer: chosen, name, topic } = recipient;
  const { context, memories } = parts;
  const { clock } = context.effects;
  const startedMs = clock.monotonicMs();
  const peer = chosen === null ? null : await current(parts, chosen, recipient);
  const left = await context.transact(asked.now, (work) => {
    const doing = { work, now: asked.now };
    const writer = writerOf(context, doing, asked.input.from);
    if (!writer.ok) return { value: writer };
    const isOwn = writer.value.mailbox.name === name && (name !== null || topic !== undefined);
    if (peer === null && isOwn) return { value: refuseOwn() };
    const answers = asked.answers(work);
    if (answers?.direction === "in" && writer.value.by === "person") {
      personActed(parts, doing, answers.name);
    }
    const { text } = asked.input;
    const written = {
      writer: writer.value,
      recipient: { peer, name, ...(topic && { topic }) },
      text,
      answers,
    };
    return { value: leave(parts, doing, { ...written, quiet: asked.quiet }) };
  });
  if (!left.ok) return left;
  const message = peer === null ? left.value : await soon(parts, left.value);
  const isQueued = message.stage === "queued" && peer !== null;
  const shown = isQueued ? memories.shown(peer, instantOf(clock)) : null;
  const { message_id, thread_id, stage, reason, next } = message;
  const took_ms = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
  const isAway = shown !== null && shown.link !== "up";
  const away = isAway ? { peer: shown.name, last_seen_age_ms: shown.last_seen_age_ms } : null;
  const { to } = endsOf(context, message);
  return { ok: true, value: { message_id, thread_id, to, stage, reason, next, took_ms, away } };
}

const refuseOwn = (): Outcome<never> => ({
  ok: false,
  error: new PeernetError("bad_request", {
    message: "that is this session itself",
    hint: "peernet status",
    details: { own: true },
  }),
});

/**
 * A peer's row after a hello, where the known rights would refuse the message.
 * @throws {peer_refused} {version_unsupported}
 */
async function current(
  { context, links, memories }: MessageParts,
  known: PeerRow,
  recipient: Recipient,
) {
  const { fingerprint } = known;
  const hasMessages = (): boolean => memories.of(fingerprint).features.includes("messages");
  if (!isLet(known, recipient) || !hasMessages()) {
    await links.greet(fingerprint, { deadlineMs: greetingMs });
  }
  const peer = context.tables.peers.get(fingerprint) ?? known;
  if (peer.refused && peer.bearer === null) {
    throw new PeernetError("peer_refused", {
      message: `${peer.name} ended the pairing with this machine`,
      hint: "peernet pair",
    });
  }
  if (memories.of(fingerprint).version === null || hasMessages()) return peer;
  throw new PeernetError("version_unsupported", {
    message: `${peer.name} runs a version of peernet that takes no messages`,
    hint: `update peernet on ${peer.name}`,
  });
}

/** Waits a moment for a queued message to be stored there; resolves to its present row. */
async function soon({ context, memories }: MessageParts, message: Message): Promise<Message> {
  const { tables, effects } = context;
  const present = (): Message => tables.messages.get(message) ?? message;
  const peer = tables.peers.get(message.fingerprint);
  const link = peer === null ? null : memories.shown(peer, instantOf(effects.clock)).link;
  // A peer that is down answers later; the outbox looks for it.
  if (link === null || link === "down") return present();
  const over = Promise.withResolvers<void>();
  const cancel = effects.timers.after(sendPatienceMs, over.resolve);
  const leave = onRaised(context, message, over.resolve);
  if (present().stage !== "queued") over.resolve();
  await over.promise;
  cancel();
  leave();
  return present();
}
