/** Rows of the control table by which a session waits for another. */

import type { Surface, Table } from "../operation/operation.ts";
import { WaitEvent, WaitInput } from "../reach/waits.ts";

const surfaces: readonly Surface[] = ["cli", "mcp"];

/** Rows by which a session waits for another. */
export const waitRows = {
  wait: {
    kind: "stream",
    surfaces,
    summary: "Wait for a session, on a peer or here; ending the stream ends the wait.",
    input: WaitInput,
    output: WaitEvent,
    errors: [
      "bad_request",
      "handle_unknown",
      "peer_unknown",
      "peer_unreachable",
      "peer_timeout",
      "peer_refused",
      "scope_denied",
      "wait_limit",
      "version_unsupported",
      "rate_limited",
    ],
  },
} as const satisfies Table;
