/** Says what went wrong with an ask of a peer, in the words of whoever asked. */

import { PeernetError } from "../../contract/errors.ts";
import type { Peer } from "../../contract/peer.ts";
import { Names } from "../../contract/terms.ts";
import { printable } from "../../contract/text/printable.ts";

/** What was asked. */
export interface AskedOf {
  readonly name: string;
  readonly deadlineMs: number;
}

/** An error of an ask, with the peer's name, when it was last seen, and one action. */
export function askError(error: PeernetError, peer: Peer, asked: AskedOf): PeernetError {
  const seen = { last_seen_at_ms: peer.last_seen_at_ms };
  switch (error.code) {
    case "handle_unknown":
      return handleUnknown(error, peer, asked);
    case "scope_denied":
      return new PeernetError("scope_denied", {
        message: `${peer.name} does not let this machine ask`,
        hint: `on ${peer.name} run: peernet peers`,
      });
    case "peer_refused":
      return new PeernetError("peer_refused", {
        message:
          `${peer.name} no longer accepts this machine ` +
          "(unpaired there, or its state was reset)",
        hint: "peernet pair",
      });
    case "storage_full":
      return new PeernetError("storage_full", {
        message: `${peer.name} has no space left to record the ask, and so does not answer`,
        hint: `free some space on ${peer.name}`,
      });
    case "peer_timeout":
      return new PeernetError("peer_timeout", {
        message: `${peer.name} did not answer within ${asked.deadlineMs / 1_000} s`,
        hint: `wake ${peer.name}, then ask again`,
        details: seen,
      });
    case "peer_unreachable":
      return new PeernetError("peer_unreachable", {
        message: unreachable(peer),
        hint: `look whether ${peer.name} is awake and peernet runs there, then ask again`,
        details: seen,
      });
    default:
      return error;
  }
}

const unreachable = ({ name, address, acknowledged }: Peer): string => {
  if (address !== null) return `${name} cannot be reached at ${address}`;
  return acknowledged
    ? `${name} has no address this machine could dial`
    : `${name} has not been heard of since the pairing`;
};

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
