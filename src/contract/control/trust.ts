/** Rows of the control table by which a person trusts machines by their fingerprints. */

import type { Table } from "../operation/operation.ts";
import { TrustInput, TrustOutput, UntrustInput, UntrustOutput } from "../trust/trust.ts";

/** Rows by which a person trusts machines. */
export const trustRows = {
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
} as const satisfies Table;
