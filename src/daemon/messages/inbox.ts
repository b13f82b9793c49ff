/** Handlers that show mail, follow it, and let a person decide about held mail. */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import { inboxListedMax, inboxRecentMs, messageLifeMs } from "../../contract/messages/limits.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { Message } from "../../core/messages/message.ts";
import { isEnd } from "../../core/messages/stages.ts";
import type { Instant } from "../../platform/effects.ts";
import type { LocalCaller } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { foundMessage } from "./finding.ts";
import { followArrivals, followStages } from "./following.ts";
import { markAnswered } from "./incoming/taking.ts";
import { type Doing, type MessageParts, recordMessage } from "./parts.ts";
import { personActed } from "./person.ts";
import { receiptsOf, shownMessage, wholeMessage } from "./shown.ts";
import { raise } from "./stages.ts";

type Rows =
  | "inbox"
  | "inbox/follow"
  | "inbox/show"
  | "inbox/approve"
  | "inbox/refuse"
  | "receipts"
  | "receipts/follow";

/** Handlers of the rows that show and judge mail. */
export function inboxHandlers(parts: MessageParts): Pick<Handlers<Control, LocalCaller>, Rows> {
  const { context } = parts;
  const { messages } = context.tables;
  return {
    inbox: async ({ all, handle }, { now }) => {
      const sinceMs = elapsedAt(context, now) - inboxRecentMs;
      const limit = inboxListedMax + 1;
      const listed = messages.list({ all, name: handle, sinceMs, limit });
      const kept = listed.slice(0, inboxListedMax);
      const counts = messages.counts().map(({ name: mailbox, unread, held }) => ({
        ...{ mailbox, unread, held },
      }));
      const shown = kept.map((message) => shownMessage(parts, message, now));
      return { messages: shown, counts, more: listed.length - kept.length };
    },
    "inbox/follow": ({ handle }) => followArrivals(parts, handle),
    "inbox/show": async ({ id, reads }, { now }) => {
      const found = foundMessage(context.tables, id, "in");
      const isNew = reads && found.direction === "in" && found.name === null && found.unread;
      if (isNew) {
        await context.transact(now, (work) => {
          work.tables.messages.put({ ...found, unread: false });
          return { value: undefined };
        });
      }
      return wholeMessage(parts, isNew ? { ...found, unread: false } : found, now);
    },
    "inbox/approve": ({ id }, { now }) => judged(parts, { id, now, by: approve }),
    "inbox/refuse": ({ id }, { now }) => judged(parts, { id, now, by: turnDown }),
    receipts: async ({ id }, { now }) =>
      receiptsOf(parts, foundMessage(context.tables, id, "out"), now),
    "receipts/follow": ({ id }) => followStages(parts, foundMessage(context.tables, id, "out")),
  };
}

type Judge = (parts: MessageParts, doing: Doing, message: Message) => Message;

async function judged(
  parts: MessageParts,
  { id, now, by }: { readonly id: string; readonly now: Instant; readonly by: Judge },
) {
  const message = await parts.context.transact(now, (work) => {
    const found = foundMessage(work.tables, id, "in");
    return { value: by(parts, { work, now }, found) };
  });
  return { message: shownMessage(parts, message, now) };
}

/** Lets a held message through. @throws {message_refused} one that is not held */
function approve(parts: MessageParts, doing: Doing, message: Message): Message {
  const { context, notices } = parts;
  const { work, now } = doing;
  if (message.direction === "out" || message.stage !== "held") throw notHeld(message);
  personActed(parts, doing, message.name);
  const expires_ms = elapsedAt(context, now) + messageLifeMs;
  work.tables.messages.put({ ...message, unread: true, quiet: false, expires_ms });
  const proven = { stage: "stored", evidence: "person" } as const;
  const approved = raise(parts, doing, { message, proven });
  markAnswered(parts, doing, approved);
  recordJudged(parts, doing, { message: approved, outcome: "approved" });
  const { name, tree } = approved;
  work.after(() => notices.arrived({ name, tree }));
  return approved;
}

/** Refuses a message that nobody has read. @throws {message_refused} one that was read */
function turnDown(parts: MessageParts, doing: Doing, message: Message): Message {
  const waits = message.unread || message.stage === "held";
  if (message.direction === "out" || !waits) throw notHeld(message);
  const proven = { stage: "refused", reason: "person", evidence: "person" } as const;
  const refused = raise(parts, doing, { message, proven });
  if (refused.stage !== "refused") throw notHeld(refused);
  recordJudged(parts, doing, { message: refused, outcome: "refused" });
  return refused;
}

function recordJudged(
  { context }: MessageParts,
  { work }: Doing,
  { message, outcome }: { readonly message: Message; readonly outcome: string },
): void {
  const origin = { direction: "local", origin_transport: "control" } as const;
  recordMessage(context, work, { message, outcome, origin });
}

function notHeld({ direction, stage }: Message): PeernetError {
  const why = isEnd(stage) ? `it has already ended: ${stage}` : `it is not held: ${stage}`;
  return new PeernetError("message_refused", {
    message: direction === "out" ? "it was sent from this machine" : why,
    hint: "peernet inbox",
  });
}
