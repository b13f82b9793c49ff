/** The row of the wire table by which machines compare changed files. */

import { WireOverlapInput, WireOverlapOutput } from "../overlap/overlap.ts";
import type { WireTable } from "./rows.ts";

/** The row by which machines compare changed files. */
export const overlapRows = {
  overlap: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "asks",
    recorded: false,
    summary: "Digests of changed files, in repositories that the caller has too.",
    input: WireOverlapInput,
    output: WireOverlapOutput,
    errors: ["bad_request", "unauthenticated", "scope_denied", "rate_limited"],
  },
} as const satisfies WireTable;
