/** Explains a failed reading in the terms of the machine that asked. */

import { PeernetError } from "../../contract/errors.ts";
import type { Peer } from "../../contract/peer.ts";
import { readFileBytesMax } from "../../contract/reads/limits.ts";
import type { ReadInput } from "../../contract/reads/local.ts";
import { ToldRefs } from "../../contract/reads/told.ts";
import { Names } from "../../contract/terms.ts";
import { grouped } from "../../contract/text/numeral.ts";
import { printable } from "../../contract/text/printable.ts";
import { standingOf } from "../../contract/text/standing.ts";

/** The reading that failed, and this machine's own name. */
export interface FailedReading {
  readonly input: Pick<ReadInput, "repository" | "handle"> & {
    /** Absent when the peer's repositories were listed. */
    readonly operation?: ReadInput["operation"];
  };
  readonly own: string;
}

/** The error in words of this machine, with the peer's name and one action. */
export function readError(error: PeernetError, peer: Peer, { input, own }: FailedReading) {
  const { name } = peer;
  const target = input.repository ?? `${name}/${input.handle ?? ""}`;
  const there = `on ${name} run: peernet policy`;
  switch (error.code) {
    case "scope_denied":
      return scopeDenied(peer, own);
    case "repository_unknown":
      return new PeernetError("repository_unknown", {
        message: `${name} lets this machine read no repository ${printable(target)}`,
        hint: repositoriesHint(name, error.details?.repositories) ?? `${there} show`,
      });
    case "policy_refused":
      return new PeernetError("policy_refused", {
        message: `${name} lets this machine read no such ref of ${printable(target)}`,
        hint: refsHint(error.details?.refs) ?? `${there} show`,
      });
    case "path_unknown":
      return new PeernetError("path_unknown", {
        message: "no such path is in that commit",
        hint: `peernet ls ${name}:${input.repository ?? "REPOSITORY"}`,
      });
    case "too_large":
      return tooLarge(error.details?.bytes);
    case "bad_request":
      return input.operation?.op === "grep" && input.operation.regexp
        ? new PeernetError("bad_request", {
            message: "that is no regular expression",
            hint: "without --regexp the text itself is searched",
          })
        : error;
    case "sandbox_unsafe":
      return new PeernetError("sandbox_unsafe", {
        message: `${name} has no sandbox to read in`,
        hint: `on ${name} run: peernet doctor`,
      });
    case "not_ready":
      return new PeernetError("not_ready", {
        message: `${name} cannot read now: its keeper does not answer`,
        hint: `on ${name} run: peernet start`,
      });
    case "rate_limited":
      return new PeernetError("rate_limited", { message: `${name} is asked too much at once` });
    default:
      return unreachable(error, peer, input.operation === undefined);
  }
}

function scopeDenied({ name, grants }: Peer, own: string): PeernetError {
  const command =
    grants.our_paused === true ? `peers resume ${own}` : `policy allow ${own} read FOLDER`;
  return new PeernetError("scope_denied", {
    message: `${name} lets this machine read nothing`,
    hint: `on ${name} run: peernet ${command}`,
  });
}

/** Names the repositories that may be read, as far as they are names. */
function repositoriesHint(machine: string, told: unknown): string | null {
  const names = Names.safeParse(told);
  if (!names.success || names.data.length === 0) return null;
  const all = names.data.map((name) => `${machine}:${name}`).join(", ");
  return `read one of: ${all}`;
}

/** Names the refs that may be read, as far as they are refs. */
function refsHint(told: unknown): string | null {
  const refs = ToldRefs.safeParse(told);
  return refs.success && refs.data.length > 0 ? `read one of: ${refs.data.join(", ")}` : null;
}

function tooLarge(told: unknown): PeernetError {
  const size = typeof told === "number" ? `the file has ${grouped(told)} bytes` : "it is too large";
  return new PeernetError("too_large", {
    message: `${size}; at most ${grouped(readFileBytesMax)} are read`,
    hint: "git fetch it instead",
  });
}

function unreachable(error: PeernetError, peer: Peer, isList: boolean): PeernetError {
  const { name } = peer;
  if (error.code === "operation_unknown") {
    return new PeernetError("version_unsupported", {
      message: isList
        ? `${name} runs a version that lists no repositories`
        : `${name} runs a version that lets nobody read`,
      hint: `update peernet on ${name}`,
    });
  }
  if (error.code === "peer_timeout") {
    const message = `${name} did not answer in time`;
    return new PeernetError("peer_timeout", { message, hint: `wake ${name}, then read again` });
  }
  if (error.code !== "peer_unreachable") return error;
  const standing = standingOf({ ...peer, link: "down" });
  const message = `${name} cannot be reached; ${standing.phrases.join(", ")}`;
  return new PeernetError("peer_unreachable", { message, hint: standing.fix ?? "peernet status" });
}
