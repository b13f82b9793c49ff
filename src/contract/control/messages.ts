/** Rows of the control table about messages. */

import {
  HeldInput,
  HeldOutput,
  InboxFollowInput,
  InboxInput,
  InboxOutput,
  InboxShowInput,
  WholeMessage,
} from "../messages/inbox.ts";
import {
  ReceiptsInput,
  ReceiptsOutput,
  ReplyInput,
  SendInput,
  SendOutput,
  StageEvent,
} from "../messages/sending.ts";
import type { Table } from "../operation/operation.ts";
import { everywhere, people } from "./rows.ts";

const sendErrors = [
  "bad_request",
  "handle_unknown",
  "peer_unknown",
  "peer_refused",
  "scope_denied",
  "no_handle",
  "inbox_full",
  "outbox_full",
  "outbound_refused",
  "message_refused",
  "version_unsupported",
] as const;
const idErrors = ["bad_request", "id_unknown", "id_several"] as const;

/** Rows about messages. */
export const messageRows = {
  send: {
    kind: "call",
    surfaces: everywhere,
    summary: "Leave a message for a session, for every live session of a machine, or a person.",
    input: SendInput,
    output: SendOutput,
    errors: [...sendErrors, "id_unknown"],
  },
  reply: {
    kind: "call",
    surfaces: people,
    summary: "Answer a message of this machine's mailboxes.",
    input: ReplyInput,
    output: SendOutput,
    errors: [...sendErrors, "id_unknown", "id_several"],
  },
  receipts: {
    kind: "call",
    surfaces: people,
    summary: "The proven stages of a message, with their evidence.",
    input: ReceiptsInput,
    output: ReceiptsOutput,
    errors: idErrors,
  },
  "receipts/follow": {
    kind: "stream",
    surfaces: people,
    summary: "The proven stages of a message, and then each further one as it is proven.",
    input: ReceiptsInput,
    output: StageEvent,
    errors: idErrors,
  },
  inbox: {
    kind: "call",
    surfaces: people,
    summary: "The mail of this machine: its person's, and that of its handles.",
    input: InboxInput,
    output: InboxOutput,
    errors: ["bad_request"],
  },
  "inbox/follow": {
    kind: "stream",
    surfaces: people,
    summary: "Messages with their text, as they are stored here.",
    input: InboxFollowInput,
    output: WholeMessage,
    errors: ["bad_request"],
  },
  "inbox/show": {
    kind: "call",
    surfaces: people,
    summary: "One message with its text.",
    input: InboxShowInput,
    output: WholeMessage,
    errors: idErrors,
  },
  "inbox/approve": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Let a held message through to its session.",
    input: HeldInput,
    output: HeldOutput,
    errors: [...idErrors, "message_refused"],
  },
  "inbox/refuse": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Refuse a held message, or one that nobody has read.",
    input: HeldInput,
    output: HeldOutput,
    errors: [...idErrors, "message_refused"],
  },
} as const satisfies Table;
