/** Rows of the wire table by which machines pair, exchange tokens and part. */

import { z } from "zod";
import { Confirm, ConfirmOutput, Share, TokenInput, TokenOutput } from "../pairing.ts";
import type { WireTable } from "./rows.ts";

/** Rows by which machines pair, exchange tokens and part. */
export const pairingRows = {
  window: {
    kind: "call",
    surfaces: [],
    caller: "anyone",
    summary: "Is a pairing window open? One bit.",
    input: z.object({}),
    output: z.object({ open: z.boolean() }),
    errors: [],
  },
  "pair/share": {
    kind: "call",
    surfaces: [],
    caller: "certificate",
    summary: "CPace: exchange shares. The connection's first request.",
    input: Share,
    output: Share,
    errors: [
      "bad_request",
      "unauthenticated",
      "window_closed",
      "version_unsupported",
      "origin_unverified",
      "certificate_unusable",
    ],
  },
  "pair/confirm": {
    kind: "call",
    surfaces: [],
    caller: "certificate",
    summary: "CPace: the initiator's tag, answered by the responder's.",
    input: Confirm,
    output: ConfirmOutput,
    errors: [
      "bad_request",
      "unauthenticated",
      "window_closed",
      "code_rejected",
      "code_burned",
      "peer_limit",
      "rate_limited",
    ],
  },
  token: {
    kind: "call",
    surfaces: [],
    caller: "exchange",
    rate: "asks",
    recorded: false,
    summary: "Hand over the token minted for the other machine and receive its own.",
    input: TokenInput,
    output: TokenOutput,
    errors: ["bad_request", "unauthenticated", "rate_limited"],
  },
  unpair: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    rate: "asks",
    recorded: false,
    summary: "I no longer accept you.",
    input: z.object({}),
    output: z.object({ ok: z.literal(true) }),
    errors: ["unauthenticated", "rate_limited"],
  },
} as const satisfies WireTable;
