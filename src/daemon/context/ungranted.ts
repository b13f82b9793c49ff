/** Drops deliveries to a peer that its grant no longer allows, in the transaction of the cause. */

import { type At, scopesAt } from "../../core/grants.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "./context.ts";

/** Drops the entries and waits of scopes that a peer does not hold. */
export function dropUngranted(
  { tables }: Pick<Work, "tables">,
  { fingerprint, grants }: Pick<PeerRow, "fingerprint" | "grants">,
  at: At,
): void {
  const scopes = scopesAt(grants, at);
  tables.outbox.removeScopes(fingerprint, scopes);
  if (!scopes.includes("ask")) tables.waits.removeIncomingOf(fingerprint);
}

/** Drops everything that waits for a peer, as at the end of its pairing. */
export function dropAll({ tables }: Pick<Work, "tables">, fingerprint: string): void {
  tables.outbox.removePeer(fingerprint);
  tables.waits.removeIncomingOf(fingerprint);
}
