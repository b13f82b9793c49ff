/**
 * Decides which machines and sessions the map names: at most 12 in all. Beyond that it draws
 * machines in groups, and folds those that are down first. Pure.
 */

import type { State } from "../../../contract/lease.ts";

/** A session to draw. */
export interface SessionShape {
  readonly handle: string;
  readonly name: string;
  readonly state: State | null;
  /** Its state and the first line of its summary. */
  readonly line: string;
}

/** A machine to draw. */
export interface PeerShape {
  readonly fingerprint: string;
  readonly name: string;
  readonly isDown: boolean;
  readonly sessions: readonly SessionShape[];
}

/** A place on the outer circle: a machine with its named sessions, or a group. */
export type Stop =
  | { readonly kind: "peer"; readonly peer: PeerShape; readonly named: readonly SessionShape[] }
  | { readonly kind: "group"; readonly isDown: boolean; readonly count: number };

/** The largest number of names on the map: the list shows the others. */
export const namesMax = 12;

/** The named sessions of this machine, and the places on the outer circle. */
export interface Chosen {
  readonly isOwnNamed: boolean;
  readonly stops: readonly Stop[];
}

/** Chooses; `sessionsMax` limits the peers' named sessions. */
export function chosen(own: number, peers: readonly PeerShape[], sessionsMax = namesMax): Chosen {
  const isOwnNamed = own <= 6 && own + Math.min(peers.length, 6) <= namesMax;
  const free = namesMax - (isOwnNamed ? own : 0);
  if (peers.length > free) return { isOwnNamed, stops: grouped(peers, free) };
  const left = Math.max(0, Math.min(sessionsMax, free - peers.length));
  const first = peers
    .flatMap(({ sessions }) => sessions)
    .sort((one, other) => urgency(one.state) - urgency(other.state))
    .slice(0, left);
  const stops = peers.map((peer): Stop => {
    return { kind: "peer", peer, named: peer.sessions.filter((each) => first.includes(each)) };
  });
  return { isOwnNamed, stops };
}

/** Names machines with a waiting session first, in their given order. */
function grouped(peers: readonly PeerShape[], free: number): readonly Stop[] {
  const up = peers.filter(({ isDown }) => !isDown);
  const downs = peers.length - up.length;
  const room = free - (downs > 0 ? 1 : 0);
  const rank = ({ sessions }: PeerShape): number =>
    Math.min(3, ...sessions.map(({ state }) => urgency(state)));
  const shown =
    up.length <= room ? up : up.toSorted((a, b) => rank(a) - rank(b)).slice(0, room - 1);
  const rest = up.length - shown.length;
  return [
    ...up
      .filter((peer) => shown.includes(peer))
      .map((peer): Stop => ({ kind: "peer", peer, named: [] })),
    ...(rest > 0 ? [{ kind: "group", isDown: false, count: rest } as const] : []),
    ...(downs > 0 ? [{ kind: "group", isDown: true, count: downs } as const] : []),
  ];
}

const urgency = (state: State | null): number =>
  state === null ? 3 : { waiting: 0, working: 1, idle: 2 }[state];
