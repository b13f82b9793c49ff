/** Rows of the control table by which a person pairs and unpairs machines. */

import { z } from "zod";
import type { Table } from "../operation/operation.ts";
import {
  OpenEvent,
  OpenInput,
  PairInput,
  PairOutput,
  ProbeInput,
  ProbeOutput,
} from "../pairing.ts";
import { UnpairOutput } from "../peer.ts";
import { named, nothing, people } from "./rows.ts";

/** Rows by which a person pairs and unpairs machines. */
export const pairingRows = {
  "pair/open": {
    kind: "stream",
    person: true,
    surfaces: people,
    summary: "Open a pairing window and watch it; ending the stream closes it.",
    input: OpenInput,
    output: OpenEvent,
    errors: ["bad_request"],
  },
  "pair/close": {
    kind: "call",
    surfaces: ["dashboard"],
    summary: "Close the pairing window of this machine, wherever its code is shown.",
    input: nothing,
    output: z.object({ closed: z.boolean() }),
    errors: [],
  },
  "pair/probe": {
    kind: "call",
    surfaces: people,
    summary: "Ask one address whether a pairing window is open there.",
    input: ProbeInput,
    output: ProbeOutput,
    errors: ["bad_request", "peer_unreachable", "peer_timeout", "version_unsupported"],
  },
  pair: {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Pair with the machine at an address, by the code shown there.",
    input: PairInput,
    output: PairOutput,
    errors: [
      "bad_request",
      "code_rejected",
      "code_burned",
      "peer_limit",
      "window_closed",
      "fingerprint_mismatch",
      "certificate_unusable",
      "origin_unverified",
      "peer_refused",
      "rate_limited",
      "peer_unreachable",
      "peer_timeout",
      "version_unsupported",
    ],
  },
  unpair: {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "End a pairing, close its connections, and tell the peer if it can be reached.",
    input: named,
    output: UnpairOutput,
    errors: ["bad_request", "peer_unknown"],
  },
} as const satisfies Table;
