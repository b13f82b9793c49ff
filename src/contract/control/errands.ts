/** Rows of the control table for work that the keeper does, since the daemon may not. */

import { ErrandInput, ErrandOutput, ErrandsEvent, ErrandsInput } from "../errands/errands.ts";
import type { Table } from "../operation/operation.ts";

/** Rows for work that the keeper does, since the daemon may not. */
export const errandRows = {
  errands: {
    kind: "stream",
    surfaces: [],
    summary: "The errands that the daemon has for the keeper, as they come.",
    input: ErrandsInput,
    output: ErrandsEvent,
    errors: ["bad_request"],
  },
  errand: {
    kind: "call",
    surfaces: [],
    summary: "The outcome of an errand.",
    input: ErrandInput,
    output: ErrandOutput,
    errors: ["bad_request"],
  },
} as const satisfies Table;
