/** Rows of the wire table by which a peer asks. */

import { WireAnswer, WireAsk } from "../ask.ts";
import type { WireTable } from "./rows.ts";

/** Rows by which a peer asks. */
export const askRows = {
  ask: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "asks",
    recorded: true,
    summary: "The facts of one session.",
    input: WireAsk,
    output: WireAnswer,
    errors: [
      "bad_request",
      "unauthenticated",
      "scope_denied",
      "handle_unknown",
      "id_conflict",
      "rate_limited",
      "storage_full",
    ],
  },
} as const satisfies WireTable;
