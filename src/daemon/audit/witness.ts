/**
 * Receives the witness in a peer's hello: compares it at once with the own record of that number. A
 * disagreeing one is kept for good, beside the agreeing one.
 */

import type { Checkpoint } from "../../contract/peer.ts";
import { checkpointBytes } from "../../core/audit-chain.ts";
import { judgeWitness, type Verdict } from "../../core/witness.ts";
import { verifySignature } from "../../peer/identity.ts";
import type { Tables } from "../../store/database.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context, Work } from "../context/context.ts";

/** A witness that a peer sent. */
export interface Told {
  readonly peer: PeerRow;
  readonly witness: Checkpoint | null;
}

/** The witness to keep as the agreeing one; a disagreeing one is recorded and kept apart. */
export function hearWitness(
  { identity }: Pick<Context, "identity">,
  work: Work,
  { peer, witness }: Told,
): Checkpoint | null {
  if (witness === null || isSame(witness, peer.witness)) return peer.witness;
  const bytes = checkpointBytes(witness);
  if (!verifySignature(identity.signing.publicKey, bytes, witness.signature)) return peer.witness;
  const verdict = verdictOn(work.tables, witness);
  if (verdict !== "agrees") {
    keepApart(work, { peer, witness }, verdict);
    return peer.witness;
  }
  const isLater = peer.witness === null || witness.seq > peer.witness.seq;
  return isLater || peer.witness?.trail_id !== witness.trail_id ? witness : peer.witness;
}

/** Compares a witness with the present trail. */
export function verdictOn({ audit }: Pick<Tables, "audit">, witness: Checkpoint): Verdict {
  const hash = audit.at(witness.seq)?.hash ?? null;
  return judgeWitness(witness, { trailId: audit.trailId(), head: audit.head(), hash });
}

/**
 * Keeps the first disagreeing witness and the newest: a peer can cause so many records, no more.
 */
function keepApart(
  work: Work,
  { peer, witness }: Told & { readonly witness: Checkpoint },
  outcome: "disagrees" | "implausible",
): void {
  const { peers } = work.tables;
  const known = peers.disagreements(peer.fingerprint);
  const isFirst = outcome === "disagrees" && !known.has("first");
  const nth = outcome === "implausible" ? outcome : isFirst ? "first" : "newest";
  const before = known.get(nth) ?? known.get("first");
  const isNews = isFirst || before === undefined || witness.seq > before.seq;
  if (!isNews) return;
  peers.putDisagreement(peer.fingerprint, nth, witness);
  const { trail_id, seq, hash, at_ms } = witness;
  work.record({
    direction: "in",
    verb: "witness",
    outcome,
    peer_fingerprint: peer.fingerprint,
    peer_name: peer.name,
    details: { trail_id, seq, hash, at_ms },
  });
}

const isSame = (one: Checkpoint, other: Checkpoint | null): boolean =>
  one.signature === other?.signature;
