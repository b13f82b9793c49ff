/** Rows of the control table that report changes as they happen. */

import type { Table } from "../operation/operation.ts";
import { WatchEvent, WatchInput } from "../watch.ts";

/** Rows that report changes as they happen. */
export const watchRows = {
  watch: {
    kind: "stream",
    surfaces: ["cli", "dashboard"],
    summary: "This machine's state, and then each change of it as it happens.",
    input: WatchInput,
    output: WatchEvent,
    errors: ["bad_request"],
  },
} as const satisfies Table;
