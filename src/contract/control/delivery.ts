/** Rows of the control table by which sessions read their mail, and wait to be woken for it. */

import { WakerInput, WakerOutput } from "../delivery/waker.ts";
import { TakeInput, TakeOutput } from "../messages/handover.ts";
import type { Table } from "../operation/operation.ts";

/** Rows by which sessions read their mail, and wait to be woken for it. */
export const deliveryRows = {
  "messages/take": {
    kind: "call",
    surfaces: ["mcp"],
    summary: "The unread messages of the calling session; each is given once.",
    input: TakeInput,
    output: TakeOutput,
    errors: ["bad_request", "handle_unknown"],
  },
  waker: {
    kind: "call",
    surfaces: [],
    summary: "Register a process by which an idle session is woken.",
    input: WakerInput,
    output: WakerOutput,
    errors: ["bad_request"],
  },
} as const satisfies Table;
