/** The row of the wire table by which machines compare their trails. */

import { WireSubjectsInput, WireSubjectsOutput } from "../subjects/subjects.ts";
import type { WireTable } from "./rows.ts";

/** The row by which machines compare their trails. */
export const subjectRows = {
  subjects: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "pieces",
    recorded: false,
    summary: "The records here that are about the caller: ids, outcomes and digests.",
    input: WireSubjectsInput,
    output: WireSubjectsOutput,
    errors: ["bad_request", "unauthenticated", "rate_limited"],
  },
} as const satisfies WireTable;
