/** Rows of the wire table by which paired machines keep in touch. */

import { HelloInput, HelloOutput } from "../peer.ts";
import type { WireTable } from "./rows.ts";

/** Rows by which paired machines keep in touch. */
export const linkRows = {
  hello: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "asks",
    recorded: false,
    summary: "Versions, checkpoints, and to a peer that may ask, the live handles.",
    input: HelloInput,
    output: HelloOutput,
    errors: ["bad_request", "unauthenticated", "version_unsupported", "rate_limited"],
  },
} as const satisfies WireTable;
