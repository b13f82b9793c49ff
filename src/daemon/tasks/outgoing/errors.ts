/** Explains a failed call about a task in the terms of the machine that asked. */

import { PeernetError } from "../../../contract/errors.ts";
import type { Peer } from "../../../contract/peer.ts";
import { standingOf } from "../../../contract/text/standing.ts";

/** The task of a call that failed, and this machine's own name. */
export interface FailedTask {
  readonly repository: string;
  readonly profile: string;
  readonly own: string;
}

/** The error in words of this machine, with the peer's name and one action. */
export function taskError(error: PeernetError, peer: Peer, failed: FailedTask): PeernetError {
  const { name } = peer;
  const { repository, profile, own } = failed;
  const allow = `on ${name} run: peernet policy allow ${own} run FOLDER --profile ${profile}`;
  switch (error.code) {
    case "scope_denied":
      return new PeernetError("scope_denied", {
        message: `${name} lets this machine run nothing`,
        hint: allow,
      });
    case "repository_unknown":
      return new PeernetError("repository_unknown", {
        message: `${name} lets this machine run nothing in ${repository}`,
        hint: allow,
      });
    case "policy_refused":
      return new PeernetError("policy_refused", {
        message: `${name} does not let this machine run ${profile} in ${repository}`,
        hint: allow,
      });
    case "not_ready":
      return new PeernetError("not_ready", {
        message: `${name} takes no task now: its keeper does not answer`,
        hint: `on ${name} run: peernet start`,
      });
    case "task_limit":
      return new PeernetError("task_limit", {
        message: `${name} takes no further task of this machine now`,
        hint: "wait until one of them has ended: peernet tasks",
      });
    case "rate_limited":
      return new PeernetError("rate_limited", { message: `${name} is asked too much at once` });
    case "operation_unknown":
      return new PeernetError("version_unsupported", {
        message: `${name} runs a version that takes no tasks`,
        hint: `update peernet on ${name}`,
      });
    case "peer_timeout":
      return new PeernetError("peer_timeout", {
        message: `${name} did not answer in time`,
        hint: `wake ${name}, then try again`,
      });
    case "peer_unreachable":
      return unreachable(peer);
    default:
      return error;
  }
}

function unreachable(peer: Peer): PeernetError {
  const standing = standingOf({ ...peer, link: "down" });
  const message = `${peer.name} cannot be reached; ${standing.phrases.join(", ")}`;
  return new PeernetError("peer_unreachable", { message, hint: standing.fix ?? "peernet status" });
}
