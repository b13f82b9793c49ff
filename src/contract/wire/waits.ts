/**
 * Rows of the wire table by which a peer waits for a session, and learns that the wait is reached.
 */

import { z } from "zod";
import { Reached, WireWait, WireWaitEnd, WireWaitOutput } from "../reach/waits.ts";
import type { WireTable } from "./rows.ts";

const answered = z.object({});

/** Rows by which a peer waits for a session, and learns that the wait is reached. */
export const waitRows = {
  wait: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "asks",
    recorded: true,
    summary: "Wait for a change of one session; the same id again keeps the wait open.",
    input: WireWait,
    output: WireWaitOutput,
    errors: [
      "bad_request",
      "unauthenticated",
      "scope_denied",
      "handle_unknown",
      "id_conflict",
      "wait_limit",
      "rate_limited",
      "storage_full",
    ],
  },
  "wait/end": {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "asks",
    recorded: false,
    summary: "End waits, or acknowledge that they were reached.",
    input: WireWaitEnd,
    output: answered,
    errors: ["bad_request", "unauthenticated", "rate_limited", "storage_full"],
  },
  reached: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "mail",
    recorded: false,
    summary: "An open wait of the other machine is reached, or has ended.",
    input: Reached,
    output: answered,
    errors: ["bad_request", "unauthenticated", "id_unknown", "rate_limited", "storage_full"],
  },
} as const satisfies WireTable;
