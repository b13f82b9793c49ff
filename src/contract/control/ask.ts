/** Rows of the control table by which sessions ask. */

import { AskInput, AskOutput, PreviewInput, PreviewOutput } from "../ask.ts";
import type { Table } from "../operation/operation.ts";
import { everywhere, people } from "./rows.ts";

/** Rows by which sessions ask. */
export const askRows = {
  ask: {
    kind: "call",
    surfaces: everywhere,
    summary: "Ask for the facts of a session, on a peer or here.",
    input: AskInput,
    output: AskOutput,
    errors: [
      "bad_request",
      "handle_unknown",
      "peer_unknown",
      "peer_unreachable",
      "peer_timeout",
      "peer_refused",
      "scope_denied",
      "fingerprint_mismatch",
      "version_unsupported",
      "id_conflict",
      "rate_limited",
    ],
  },
  preview: {
    kind: "call",
    surfaces: people,
    summary: "The answer to an ask: the bytes that a peer would get.",
    input: PreviewInput,
    output: PreviewOutput,
    errors: ["bad_request", "handle_unknown", "peer_unknown", "scope_denied"],
  },
} as const satisfies Table;
