/** Rows of the control table by which fingerprints are trusted, and a fleet's tool reads counts. */

import { z } from "zod";
import type { Table } from "../operation/operation.ts";
import { TrustInput, TrustOutput, UntrustInput, UntrustOutput } from "../trust/trust.ts";
import { nothing } from "./rows.ts";

/** Rows about trusted machines and counts. */
export const fleetRows = {
  trust: {
    kind: "call",
    person: true,
    surfaces: ["cli"],
    summary: "Expect machines by their fingerprints; all of them, or none when one is refused.",
    input: TrustInput,
    output: TrustOutput,
    errors: ["bad_request", "peer_limit"],
  },
  untrust: {
    kind: "call",
    person: true,
    surfaces: ["cli"],
    summary: "Expect a machine no longer.",
    input: UntrustInput,
    output: UntrustOutput,
    errors: ["bad_request", "peer_unknown"],
  },
  metrics: {
    kind: "call",
    surfaces: ["cli"],
    summary: "Counts of this machine by kind, as OpenMetrics text.",
    input: nothing,
    output: z.object({ text: z.string() }),
    errors: [],
  },
} as const satisfies Table;
