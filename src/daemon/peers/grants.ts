/** Rows of peers as a pairing writes them, and their scopes as an act of a person tells them. */

import type { Scope } from "../../contract/terms.ts";

/** Scopes in one text. */
export const scopesText = (scopes: readonly Scope[]): string => scopes.join(",") || "none";

/** Facts of a peer that a pairing does not tell. */
export const newPeer = {
  host: null,
  port: null,
  their_scopes: [],
  token_key: null,
  bearer: null,
  bearer_at_ms: null,
  last_seen_at_ms: null,
  checkpoint: null,
  witness: null,
} as const;
