/**
 * The tool that reports peernet's status here, and the next step when something is missing. Waits
 * on no network and starts no daemon.
 */

import { PeernetError } from "../contract/errors.ts";
import type { KeptLease } from "../contract/lease.ts";
import {
  type PeernetStatusOutput,
  type Step,
  type Tools,
  untrustedPeerNotice,
} from "../contract/mcp.ts";
import type { InputOf } from "../contract/operation/operation.ts";
import type { Peer, Status } from "../contract/peer.ts";
import { standingOf } from "../contract/text/standing.ts";
import { nonePaired, standingShown, standings } from "./ask/asking.ts";
import { whyDown } from "./no-daemon.ts";
import { stepOf } from "./result.ts";
import type { Call } from "./server/parts.ts";
import { ownLease } from "./sessions/caller.ts";

/** Reports peernet's status. Turns errors into a plain status instead of throwing. */
export async function peernetStatus(
  _input: InputOf<Tools["peernet_status"]>,
  call: Call,
): Promise<PeernetStatusOutput> {
  const { parts } = call;
  try {
    const [status, { leases }, stale] = await Promise.all([
      parts.calls().status({}, { signal: call.signal }),
      parts.calls().leases({}, { signal: call.signal }),
      parts.staleHooks(),
    ]);
    return standingWell(call, status, { lease: ownLease(call, leases), stale });
  } catch (cause) {
    if (!(cause instanceof PeernetError)) throw cause;
    return standingBadly(call, cause);
  }
}

function standingWell(
  { parts }: Call,
  status: Status,
  { lease, stale }: { readonly lease: KeptLease | null; readonly stale: readonly string[] },
): PeernetStatusOutput {
  const { machine, handles, peers } = status;
  const handle = lease === null ? null : `${machine.name}/${lease.name}`;
  const next = [
    ...(peers.length === 0 ? [stepOf(nonePaired.message, nonePaired.hint)] : []),
    ...(machine.listen.length === 0 ? [listening] : []),
    ...peerSteps(peers),
    ...(handle === null ? sessionSteps : []),
    ...(stale.length === 0 ? [] : [olderHooks]),
  ];
  const session = handle === null ? "this session has no handle" : `this session is ${handle}`;
  const others = peers.length === 0 ? nonePaired.message : standings(peers);
  return {
    message: `${machine.name} runs; ${session}; ${others}`,
    daemon: "running",
    machine: { name: machine.name, version: machine.version, listen: machine.listen },
    version: parts.version.version,
    handle,
    handles: handles.map(({ handle, project, harness, state, state_for_ms }) => ({
      handle,
      project,
      harness,
      state,
      state_for_ms,
    })),
    peers: peers.map((peer) => ({
      ...standingShown(peer),
      last_seen_age_ms: peer.last_seen_age_ms,
    })),
    untrusted,
    notice: untrustedPeerNotice,
    next,
  };
}

const sessionSteps: readonly Step[] = [
  stepOf("this session has no handle, so no paired machine can ask it", "peernet activate"),
  stepOf("no hook gave this session a handle by itself", "peernet setup"),
];

const olderHooks = stepOf("hooks are older than this version", "peernet setup");

const listening = stepOf(
  "this machine listens nowhere: it can ask, not be asked",
  "peernet doctor",
);

const untrusted: PeernetStatusOutput["untrusted"] = ["peers.name", "peers.standing", "peers.fix"];

/** The steps that mend peers' links; the fields under `peers` name the peers. */
function peerSteps(peers: readonly Peer[]): readonly Step[] {
  const broken = peers.filter((peer) => standingOf(peer).fix !== null);
  const mute = peers.filter(({ link, grants }) => link === "up" && !grants.ours.includes("ask"));
  return [
    ...(broken.length === 0
      ? []
      : [stepOf(`${machines(broken)} cannot be reached as it should`, "peernet doctor")]),
    ...(mute.length === 0
      ? []
      : [stepOf(`${machines(mute)} lets this machine ask nothing`, "type there: peernet peers")]),
  ];
}

const machines = ({ length }: readonly Peer[]): string =>
  length === 1 ? "1 paired machine" : `each of ${length} paired machines`;

function standingBadly({ parts }: Call, cause: PeernetError): PeernetStatusOutput {
  const { code, message, hint } = whyDown(parts, cause);
  const isDown = code === "daemon_not_running";
  return {
    message,
    daemon: isDown ? (parts.whyDown() === "stopped" ? "stopped" : "not_running") : "unknown",
    machine: null,
    version: parts.version.version,
    handle: null,
    handles: [],
    peers: [],
    untrusted,
    notice: untrustedPeerNotice,
    next: [stepOf(message, hint)],
  };
}
