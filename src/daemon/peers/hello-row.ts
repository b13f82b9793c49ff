/** Decides how a peer's row changes by its hello, and whether the change is worth a write. */

import { seenMs, trailRecordsMax } from "../../contract/limits.ts";
import type { Checkpoint, HelloOutput } from "../../contract/peer.ts";
import { checkpointBytes } from "../../core/audit-chain.ts";
import { verifySignature } from "../../peer/identity.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";

/** The row of a peer after its hello. A checkpoint is kept only if the peer signed it. */
export function rowAfterHello(
  peer: PeerRow,
  hello: Pick<HelloOutput, "scopes" | "grants" | "paused" | "checkpoint" | "witness">,
  now: Instant,
): PeerRow {
  // The peer ended the pairing while this hello was in transit.
  if (peer.refused && peer.bearer === null) return peer;
  return {
    ...peer,
    their_scopes: hello.scopes,
    their_grants:
      hello.grants === undefined
        ? null
        : {
            entries: hello.grants,
            told_at_ms: Math.floor(now.wallMs),
            ...(hello.paused === true ? { paused: true } : {}),
          },
    acknowledged: true,
    refused: false,
    last_seen_at_ms: Math.floor(now.wallMs),
    checkpoint: laterCheckpoint(peer.checkpoint, hello.checkpoint, peer.token_key),
  };
}

/**
 * True when a change of a row is worth a durable write. Each hello moves a peer's last-seen time.
 * That is stored to the nearest `seenMs`, since only a restart of this daemon reads it.
 */
export function isWorthStoring(before: PeerRow, after: PeerRow): boolean {
  const seenForMs = Math.abs((after.last_seen_at_ms ?? 0) - (before.last_seen_at_ms ?? 0));
  return (
    seenForMs >= seenMs ||
    after.acknowledged !== before.acknowledged ||
    after.refused !== before.refused ||
    after.their_scopes.join() !== before.their_scopes.join() ||
    isOtherGrant(before.their_grants, after.their_grants) ||
    after.checkpoint !== before.checkpoint ||
    after.witness !== before.witness
  );
}

/** True when the entries differ; two times left differ only if the end moved by a minute. */
function isOtherGrant(before: PeerRow["their_grants"], after: PeerRow["their_grants"]): boolean {
  const summed = (told: PeerRow["their_grants"]): string =>
    JSON.stringify(
      told?.entries.map(({ scope, names, expires_in_ms }) => [
        scope,
        names,
        expires_in_ms === null ? null : Math.round((told.told_at_ms + expires_in_ms) / seenMs),
      ]) ?? null,
    );
  return summed(before) !== summed(after) || before?.paused !== after?.paused;
}

/**
 * The later of two checkpoints, the new one only if that key signed it and its number is plausible.
 * A checkpoint of another trail never replaces a kept one: a machine with a restored trail would be
 * believed.
 */
export function laterCheckpoint(
  kept: Checkpoint | null,
  offered: Checkpoint | null,
  key: string | null,
): Checkpoint | null {
  if (offered === null || key === null || offered.seq > trailRecordsMax) return kept;
  if (offered.seq <= (kept?.seq ?? 0)) return kept;
  if (kept !== null && kept.trail_id !== offered.trail_id) return kept;
  const signed = verifySignature(key, checkpointBytes(offered), offered.signature);
  return signed ? offered : kept;
}
