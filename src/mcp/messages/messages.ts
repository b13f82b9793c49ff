/** The tools that leave and read messages. The session of the call is the sender and the reader. */

import { PeernetError } from "../../contract/errors.ts";
import type { Tools } from "../../contract/mcp.ts";
import { messageNotice } from "../../contract/messages/tools.ts";
import { awayText, nextText, stageText } from "../../contract/messages/words.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { machineHalf } from "../../contract/text/handle.ts";
import { asMeantBy } from "../../session/handles/meant.ts";
import { started } from "../../session/started.ts";
import { running } from "../no-daemon.ts";
import type { Call } from "../server/parts.ts";
import { selectorOf } from "../sessions/caller.ts";

/** Leaves a message. @throws the errors of `send`, {daemon_not_running} */
export async function messagePeer(
  { to, topic, text, reply_to }: InputOf<Tools["message_peer"]>,
  call: Call,
): Promise<OutputOf<Tools["message_peer"]>> {
  const { parts, signal } = call;
  const from = { session: selectorOf(call), by: "session" } as const;
  if ((to === undefined) === (topic === undefined)) throw oneOf();
  const many = { to: to ?? null, topic: topic ?? null, reply_to: reply_to ?? null };
  const input = { ...many, text, from, agreed: false };
  const send = (recipient: string | null) =>
    started(parts, () => parts.calls().send({ ...input, to: recipient }, { signal }));
  const { sent, refused } = await asMeantBy(parts.calls(), input.to, send);
  const [one, ...also] = sent;
  if (one !== undefined) {
    const message = `${sent.map(sentence).join("; ")}. You are told of a reply.`;
    return { message, ...one, ...(also.length > 0 ? { also } : {}) };
  }
  const [not] = refused;
  throw not === undefined ? new PeernetError("internal") : errorOf(not.error);
}

const oneOf = (): PeernetError =>
  new PeernetError("bad_request", {
    message: "a message has one recipient: to, or topic",
    hint: "give to a handle as list_peers shows it, or topic a name",
  });

type Sent = Omit<OutputOf<Tools["message_peer"]>, "message" | "also">;

function sentence({ to, stage, reason, next, away }: Sent): string {
  const peer = machineHalf(to) ?? to;
  const words = `${to}: ${stageText({ stage, reason, peer })}`;
  if (away !== null) return `${words}; ${awayText(away.peer, away.last_seen_age_ms)}`;
  return next === null ? words : `${words}; ${nextText[next]}`;
}

/** The refusal of one recipient, as the error of the call. */
function errorOf({ code, message, hint }: { code: string; message: string; hint: string }) {
  return new PeernetError(isCode(code) ? code : "message_refused", { message, hint });
}

const codes = ["handle_unknown", "scope_denied", "inbox_full", "outbox_full"] as const;
const isCode = (code: string): code is (typeof codes)[number] =>
  codes.some((known) => known === code);

/** Hands the session its unread messages. @throws {handle_unknown} {daemon_not_running} */
export async function readMessages(
  _input: InputOf<Tools["read_messages"]>,
  call: Call,
): Promise<OutputOf<Tools["read_messages"]>> {
  const { parts, signal } = call;
  const session = selectorOf(call);
  const taken = await running(parts, () => parts.calls()["messages/take"]({ session }, { signal }));
  return { message: told(taken.messages.length, taken.left), untrusted: messageNotice, ...taken };
}

function told(count: number, left: number): string {
  if (count === 0) return "no message waits; do not poll: you are told when one comes";
  const messages = count === 1 ? "1 message" : `${count} messages`;
  return left === 0 ? messages : `${messages}, and ${left} more: call read_messages again`;
}
