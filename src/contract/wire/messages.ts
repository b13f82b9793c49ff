/** Rows of the wire table by which peers leave messages, and learn what came of their own. */

import { z } from "zod";
import { WireMessage, WireMessageOutput, WireReceipt } from "../messages/message.ts";
import type { WireTable } from "./rows.ts";

/** Rows by which peers leave messages, and learn what came of their own. */
export const messageRows = {
  message: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "mail",
    recorded: true,
    summary: "Leave a message; the same id again repeats the recorded outcome.",
    input: WireMessage,
    output: WireMessageOutput,
    errors: [
      "bad_request",
      "unauthenticated",
      "scope_denied",
      "handle_unknown",
      "id_conflict",
      "inbox_full",
      "message_refused",
      "message_expired",
      "rate_limited",
      "storage_full",
    ],
  },
  receipt: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "mail",
    recorded: false,
    summary: "Stages of the other machine's messages; unknown messages are passed over.",
    input: WireReceipt,
    output: z.object({}),
    errors: ["bad_request", "unauthenticated", "rate_limited", "storage_full"],
  },
} as const satisfies WireTable;
