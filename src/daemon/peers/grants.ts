/** Rows of peers as a pairing writes them, and their scopes as a person's act shows them. */

import type { BothGrants } from "../../contract/grants.ts";
import { peersMax } from "../../contract/limits.ts";
import type { Fingerprint, Scope } from "../../contract/terms.ts";
import { type At, noGrants, scopesAt, shownEntries } from "../../core/grants.ts";
import type { Tables } from "../../store/database.ts";
import type { PeerRow, ToldGrants } from "../../store/peers.ts";

/** Scopes in one text. */
export const scopesText = (scopes: readonly Scope[]): string => scopes.join(",") || "none";

/** Facts of a peer that a pairing does not give. */
export const newPeer = {
  named_by: "itself",
  host: null,
  port: null,
  grants: noGrants,
  their_scopes: [],
  their_grants: null,
  token_key: null,
  bearer: null,
  bearer_at_ms: null,
  last_seen_at_ms: null,
  checkpoint: null,
  witness: null,
} as const;

/** True when a machine may be stored as a peer: it is one, or there is space for one more. */
export const hasRoomFor = ({ peers }: Pick<Tables, "peers">, fingerprint: Fingerprint): boolean =>
  peers.get(fingerprint) !== null || peers.all().length < peersMax;

/** The grants of both sides of a pairing, in the form for people here. */
export const bothGrants = (peer: PeerRow, at: At): BothGrants => ({
  theirs: scopesAt(peer.grants, at),
  // A machine that no longer accepts this one grants it nothing.
  ours: peer.refused ? [] : [...peer.their_scopes],
  their_entries: shownEntries(peer.grants, at),
  our_entries: peer.refused || peer.their_grants === null ? [] : leftOf(peer.their_grants, at),
  mine: peer.grants.mine,
  hold: peer.grants.hold,
  paused: peer.grants.paused,
  ...(peer.their_grants?.paused === true && !peer.refused ? { our_paused: true } : {}),
});

/** A peer's entries, with the time left of each by this machine's own clock. */
function leftOf({ entries, told_at_ms }: ToldGrants, { wallMs }: At): BothGrants["our_entries"] {
  const passed = Math.max(0, Math.floor(wallMs - told_at_ms));
  return entries
    .map((entry) => ({
      ...entry,
      expires_in_ms: entry.expires_in_ms === null ? null : entry.expires_in_ms - passed,
    }))
    .filter(({ expires_in_ms }) => expires_in_ms === null || expires_in_ms > 0);
}
