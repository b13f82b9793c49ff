/** Rows of the wire table by which machines that trust each other's fingerprints meet. */

import { Meeting } from "../trust/trust.ts";
import type { WireTable } from "./rows.ts";

/** Rows by which machines meet. */
export const trustRows = {
  meet: {
    kind: "call",
    surfaces: [],
    caller: "certificate",
    summary: "Trust by fingerprint: exchange the tokens that the machines minted for each other.",
    input: Meeting,
    output: Meeting,
    errors: ["bad_request", "unauthenticated", "certificate_unusable", "peer_limit"],
  },
} as const satisfies WireTable;
