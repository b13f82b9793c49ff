/**
 * Assembles the mail of a daemon: messages as the outbox delivers them, as peers leave them, and as
 * people and sessions here send and read them.
 */

import type { Control } from "../contract/control.ts";
import type { Handlers } from "../contract/operation/operation.ts";
import { liveLeases } from "../core/sessions/lease.ts";
import type { Instant } from "../platform/effects.ts";
import { type Context, type LocalCaller, nowOf } from "./context/context.ts";
import type { Mail, Notices, Tidings } from "./context/ports.ts";
import { tidingsIn } from "./messages/ended.ts";
import { sweepMessages } from "./messages/expiry.ts";
import { inboxHandlers } from "./messages/inbox.ts";
import { handleNotes } from "./messages/incoming/handles.ts";
import { messageKinds } from "./messages/kinds.ts";
import { mailOf } from "./messages/mail.ts";
import { sendingHandlers } from "./messages/outgoing/handlers.ts";
import type { MessageParts } from "./messages/parts.ts";
import { topicHandlers } from "./messages/topics/handlers.ts";
import type { Kinds } from "./outbox/kinds.ts";

/** The mail of a daemon. */
export interface Post {
  readonly parts: MessageParts;
  readonly mail: Mail;
  readonly tidings: Tidings;
  readonly kinds: Pick<Kinds, "message" | "receipt">;
  readonly handlers: Pick<Handlers<Control, LocalCaller>, MailRow>;
  /** Ends what is due; writes only when there is some. */
  sweep(now: Instant): Promise<void>;
}

type MailRow =
  | ("send" | "reply" | "receipts" | "receipts/follow")
  | ("topics" | "topics/subscribe" | "topics/unsubscribe")
  | ("inbox" | "inbox/follow" | "inbox/show" | "inbox/approve" | "inbox/refuse");

/** Assembles the mail of a daemon. */
export function postOf(parts: MessageParts): Post {
  const noteHandles = handleNotes(parts.context);
  return {
    parts,
    mail: mailOf(parts),
    tidings: tidingsIn(parts),
    kinds: messageKinds(parts),
    handlers: { ...sendingHandlers(parts), ...inboxHandlers(parts), ...topicHandlers(parts) },
    sweep: async (now) => {
      await noteHandles(now);
      await sweepMessages(parts, now);
    },
  };
}

/** Notices where no part tells sessions of mail: a session learns of it as it asks. */
export const noNotices = (context: Context): Notices => ({
  arrived: () => {},
  wayTo: ({ tables }, { name }, now) => {
    const live = liveLeases(tables.leases.all(), nowOf(context, now));
    return live.some((lease) => lease.name === name)
      ? { next: "prompt", not_wakeable: "hooks" }
      : null;
  },
});
