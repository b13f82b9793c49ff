/** The tool that lists paired machines, the sessions on them, and the other sessions here. */

import type { KeptLease, LocalHandle } from "../../contract/lease.ts";
import {
  type SessionHere,
  type Tools,
  untrustedPeerFields,
  untrustedPeerNotice,
} from "../../contract/mcp.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Peer } from "../../contract/peer.ts";
import { workTreeOf } from "../../session/folder.ts";
import { sharedFolderOf } from "../../session/git/repository.ts";
import { running } from "../no-daemon.ts";
import type { Call } from "../server/parts.ts";
import { folderOf, ownLease } from "../sessions/caller.ts";
import { nonePaired, standingShown, standings } from "./asking.ts";

type Input = InputOf<Tools["list_peers"]>;
type Output = OutputOf<Tools["list_peers"]>;

/** Lists paired machines and live sessions, here and there. @throws {daemon_not_running} */
export async function listPeers({ within }: Input, call: Call): Promise<Output> {
  const { parts, signal } = call;
  const [{ handles, peers }, { leases }] = await running(parts, () =>
    Promise.all([parts.calls().status({}, { signal }), parts.calls().leases({}, { signal })]),
  );
  const own = ownLease(call, leases)?.name ?? null;
  const others = handles.filter(({ handle }) => nameOf(handle) !== own);
  const all = others.map((session) => shownHere(session, leases));
  const here = await limited(all, within ?? "machine", call);
  const shown = within === undefined ? peers.map(shownPeer) : [];
  return {
    message: messageOf(within, peers, here.length),
    peers: shown,
    here,
    untrusted: [...untrustedPeerFields],
    notice: untrustedPeerNotice,
  };
}

const shownPeer = (peer: Peer): Output["peers"][number] => {
  const { last_seen_age_ms, grants, handles } = peer;
  return { ...standingShown(peer), last_seen_age_ms, grants, handles };
};

const nameOf = (handle: string): string => handle.slice(handle.indexOf("/") + 1);

function shownHere(session: LocalHandle, leases: readonly KeptLease[]): SessionHere {
  const { handle, project, harness, state, state_for_ms, summary, git, way } = session;
  return {
    ...{ handle, project, harness, state, state_for_ms, summary, ...(way && { way }) },
    branch: git?.branch ?? null,
    sha: git?.sha ?? null,
    dirty: git?.dirty ?? null,
    folder: leases.find(({ name }) => name === nameOf(handle))?.cwd ?? null,
  };
}

/** The sessions within the caller's repository or folder; all of them within the machine. */
async function limited(
  sessions: readonly SessionHere[],
  within: NonNullable<Input["within"]>,
  call: Call,
): Promise<SessionHere[]> {
  if (within === "machine") return [...sessions];
  const placeOf = within === "folder" ? folderPlace : repositoryPlace;
  const place = await placeOf(folderOf(call));
  const places = await Promise.all(
    sessions.map(({ folder }) => (folder === null ? null : placeOf(folder))),
  );
  return sessions.filter((_, at) => place !== null && places[at] === place);
}

/** The work tree of a folder; the folder itself outside of one. */
const folderPlace = async (folder: string): Promise<string> => (await workTreeOf(folder)) ?? folder;

/** The folder that all work trees of a folder's repository share; null outside of a repository. */
async function repositoryPlace(folder: string): Promise<string | null> {
  const root = await workTreeOf(folder);
  return root === null ? null : await sharedFolderOf(root);
}

const places = {
  machine: "on this machine",
  repository: "in this repository",
  folder: "in this folder",
} as const;

function messageOf(within: Input["within"], peers: readonly Peer[], count: number): string {
  if (within !== undefined) return `${counted(count)} ${places[within]}`;
  const there = peers.length === 0 ? `${nonePaired.message}; ${nonePaired.hint}` : standings(peers);
  return count === 0 ? there : `${there}; ${counted(count)} ${places.machine}`;
}

const counted = (count: number): string =>
  count === 0 ? "no other live session" : `${count} other live session${count === 1 ? "" : "s"}`;
