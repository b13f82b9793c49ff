/** Rows of the control table about the outbox. */

import type { Table } from "../operation/operation.ts";
import { DropInput, DropOutput, OutboxOutput } from "../reach/outbox.ts";
import { nothing, people } from "./rows.ts";

/** Rows about the outbox. */
export const outboxRows = {
  outbox: {
    kind: "call",
    surfaces: people,
    summary: "The entries that wait for peers, the oldest first.",
    input: nothing,
    output: OutboxOutput,
    errors: [],
  },
  "outbox/drop": {
    kind: "call",
    surfaces: people,
    summary: "Drop an entry of the outbox; an entry in progress may have arrived.",
    input: DropInput,
    output: DropOutput,
    errors: ["bad_request", "id_unknown", "id_several"],
  },
} as const satisfies Table;
