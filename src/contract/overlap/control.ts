/** Rows of the control table about changed files that several sessions have in common. */

import type { Table } from "../operation/operation.ts";
import { EditInput, EditOutput, WhoHasInput, WhoHasOutput } from "./overlap.ts";

/** Rows about changed files that several sessions have in common. */
export const overlapRows = {
  "overlap/who": {
    kind: "call",
    surfaces: ["cli"],
    summary: "Live sessions that have changed some of these files.",
    input: WhoHasInput,
    output: WhoHasOutput,
    errors: ["bad_request"],
  },
  "overlap/edit": {
    kind: "call",
    surfaces: [],
    summary: "The work tree of a session, and a warning about files that it is about to edit.",
    input: EditInput,
    output: EditOutput,
    errors: ["bad_request"],
  },
} as const satisfies Table;
