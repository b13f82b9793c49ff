/** The table of operations between one machine's daemon and another's. */

import { z } from "zod";
import { WireAnswer, WireAsk } from "./ask.ts";
import type { Operation } from "./operation/operation.ts";
import { Confirm, ConfirmOutput, Share, TokenInput, TokenOutput } from "./pairing.ts";
import { HelloInput, HelloOutput } from "./peer.ts";

/**
 * Who may call a row: anyone; anyone with a proven certificate; a peer, with a token that for
 * `exchange` alone may be past its `exp`.
 */
export type Caller = "anyone" | "certificate" | "peer" | "exchange";

/** A row of the wire table: an operation, and who may call it. */
export type WireOperation = Operation & { readonly caller: Caller };

/** Every operation of the peer API, by path. Anything else there is 404. */
export const wire = {
  window: {
    kind: "call",
    surfaces: [],
    caller: "anyone",
    summary: "Is a pairing window open? One bit.",
    input: z.object({}),
    output: z.strictObject({ open: z.boolean() }),
    errors: [],
  },
  "pair/share": {
    kind: "call",
    surfaces: [],
    caller: "certificate",
    summary: "CPace: exchange shares. The connection's first request.",
    input: Share,
    output: Share,
    errors: ["bad_request", "window_closed", "version_unsupported", "origin_unverified"],
  },
  "pair/confirm": {
    kind: "call",
    surfaces: [],
    caller: "certificate",
    summary: "CPace: the initiator's tag, answered by the responder's.",
    input: Confirm,
    output: ConfirmOutput,
    errors: ["bad_request", "window_closed", "code_rejected", "code_burned", "rate_limited"],
  },
  token: {
    kind: "call",
    surfaces: [],
    caller: "exchange",
    summary: "Hand over the token minted for the other machine and receive its own.",
    input: TokenInput,
    output: TokenOutput,
    errors: ["bad_request", "unauthenticated", "rate_limited"],
  },
  hello: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    summary: "Versions, checkpoints, and to a peer that may ask, the live handles.",
    input: HelloInput,
    output: HelloOutput,
    errors: ["bad_request", "unauthenticated", "version_unsupported", "rate_limited"],
  },
  ask: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    summary: "The facts of one session.",
    input: WireAsk,
    output: WireAnswer,
    errors: [
      "bad_request",
      "unauthenticated",
      "scope_denied",
      "handle_unknown",
      "rate_limited",
      "storage_full",
    ],
  },
  unpair: {
    kind: "call",
    surfaces: [],
    caller: "peer",
    summary: "I no longer accept you.",
    input: z.object({}),
    output: z.object({ ok: z.literal(true) }),
    errors: ["unauthenticated"],
  },
} as const satisfies Readonly<Record<string, WireOperation>>;

export type Wire = typeof wire;

/** Protocol versions this build speaks. */
export const protocols: readonly number[] = [1];
