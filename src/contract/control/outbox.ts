/** Rows of the control table about what must reach a peer. */

import type { Table } from "../operation/operation.ts";
import { DropInput, DropOutput, OutboxOutput } from "../reach/outbox.ts";
import { nothing, people } from "./rows.ts";

/** Rows about what must reach a peer. */
export const outboxRows = {
  outbox: {
    kind: "call",
    surfaces: people,
    summary: "What waits to reach a peer, the oldest first.",
    input: nothing,
    output: OutboxOutput,
    errors: [],
  },
  "outbox/drop": {
    kind: "call",
    surfaces: people,
    summary: "Give an entry of the outbox up; one that was under way may have arrived.",
    input: DropInput,
    output: DropOutput,
    errors: ["bad_request", "id_unknown", "id_several"],
  },
} as const satisfies Table;
