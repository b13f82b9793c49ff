/** Explains a failed ask of a peer, in the asker's terms. */

import { PeernetError } from "../../contract/errors.ts";
import { grantingThere } from "../../contract/grants/words.ts";
import type { Peer } from "../../contract/peer.ts";
import { Names } from "../../contract/terms.ts";
import { printable } from "../../contract/text/printable.ts";
import { standingOf } from "../../contract/text/standing.ts";

/** The target of an ask. */
export interface AskedOf {
  readonly name: string;
  readonly deadlineMs: number;
  /** This machine's own name. */
  readonly own: string;
}

/** The error of an ask, with the peer's name, its last-seen time, and one action. */
export function askError(error: PeernetError, peer: Peer, asked: AskedOf): PeernetError {
  const details = { last_seen_at_ms: peer.last_seen_at_ms };
  switch (error.code) {
    case "handle_unknown":
      return handleUnknown(error, peer, asked);
    case "scope_denied":
      return scopeDenied(error, peer, asked.own);
    case "peer_refused":
      return refused(peer);
    case "storage_full":
      return new PeernetError("storage_full", {
        message: `${peer.name} has no space left to record the ask, and so does not answer`,
        hint: `free some space on ${peer.name}`,
      });
    case "peer_timeout":
      return new PeernetError("peer_timeout", {
        message: `${peer.name} did not answer within ${seconds(asked.deadlineMs)}; ${silent(peer)}`,
        hint: `wake ${peer.name}, then ask again`,
        details,
      });
    case "peer_unreachable":
      return new PeernetError("peer_unreachable", { ...unreachable(peer), details });
    default:
      return error;
  }
}

/** The refusal of a peer without the right; a pause may be newer than the peer's last hello. */
function scopeDenied({ details }: PeernetError, peer: Peer, own: string): PeernetError {
  const isPaused = details?.paused === true || peer.grants.our_paused === true;
  const message = isPaused
    ? `${peer.name} has paused what this machine may do there`
    : `${peer.name} does not let this machine ask`;
  const grants = { our_paused: isPaused };
  const hint = grantingThere({ name: peer.name, grants }, own, "ask");
  return new PeernetError("scope_denied", { message, hint });
}

const seconds = (ms: number): string => `${Math.ceil(ms / 100) / 10} s`;

/** A machine that did not answer, in the phrases of one that is down. */
const silent = (peer: Peer): string =>
  standingOf({ ...peer, link: "down", link_reason: null, acknowledged: true }).phrases.join(", ");

/** The refusal by a peer whose proven key does not accept this machine. */
function refused(peer: Peer): PeernetError {
  const { phrases, fix } = standingOf({ ...peer, link: "refused" });
  const isTold = peer.link_reason === "unpaired";
  const message = isTold ? `this machine was ${phrases[0]}` : refusedText(peer.name);
  return new PeernetError("peer_refused", { message, ...(fix === null ? {} : { hint: fix }) });
}

const refusedText = (name: string): string =>
  `${name} no longer accepts this machine (unpaired there, or its state was reset)`;

/** A failed dial, in terms of the peer's status; a peer whose first dial failed is down. */
function unreachable(peer: Peer): { readonly message: string; readonly hint: string } {
  const { name, address, acknowledged } = peer;
  const standing = standingOf(peer.link === "one-way" ? peer : { ...peer, link: "down" });
  const hint = standing.fix ?? "peernet status";
  if (!acknowledged) return { message: `${name} has not been heard of since the pairing`, hint };
  const where =
    address === null ? "has no address this machine could dial" : `cannot be reached at ${address}`;
  return { message: `${name} ${where}; ${standing.phrases.join(", ")}`, hint };
}

function handleUnknown(error: PeernetError, peer: Peer, { name }: AskedOf): PeernetError {
  const told = Names.safeParse(error.details?.live);
  const live = (told.success ? told.data : []).map((half) => `${peer.name}/${half}`);
  const hint =
    live.length > 0
      ? `live on ${peer.name} now: ${printable(live.slice(0, 8).join(", "))}`
      : `no handle is live on ${peer.name} now`;
  const message = `${peer.name}/${name} is not live`;
  return new PeernetError("handle_unknown", { message, hint, details: { live } });
}
