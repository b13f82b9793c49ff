/** The sessions of all machines, from the change feed. Pure: events in, a state out. */

import type { LocalHandle } from "../../contract/lease.ts";
import type { MailStanding } from "../../contract/messages/inbox.ts";
import type { Peer, Status } from "../../contract/peer.ts";
import type { TaskStanding } from "../../contract/tasks/standing.ts";
import type { WatchEvent } from "../../contract/watch.ts";

/** A thing from the feed, and its arrival by the reader's own monotonic clock. */
export interface ToldAt<T> {
  readonly value: T;
  readonly atMs: number;
}

/** The facts for a list of sessions. */
export interface WatchState {
  readonly machine: Status["machine"] | null;
  readonly handles: ReadonlyMap<string, ToldAt<LocalHandle>>;
  readonly peers: ReadonlyMap<string, ToldAt<Peer>>;
  /** Null until the daemon sent it; a daemon of an earlier version sends none. */
  readonly mail: MailStanding | null;
  /** Null as `mail` is. */
  readonly tasks: TaskStanding | null;
  /** True once the complete state has arrived. */
  readonly isReady: boolean;
}

/** The state before the first event. */
export const unknownState: WatchState = {
  machine: null,
  handles: new Map(),
  peers: new Map(),
  mail: null,
  tasks: null,
  isReady: false,
};

/** The state after one more event; the same object when the event changes nothing here. */
export function afterEvent(state: WatchState, event: WatchEvent, atMs: number): WatchState {
  switch (event.event) {
    case "machine":
      return { ...state, machine: event.machine };
    case "handle":
      return { ...state, handles: withKey(state.handles, event.handle.handle, event.handle, atMs) };
    case "handle_gone":
      return { ...state, handles: without(state.handles, event.handle) };
    case "peer":
      return { ...state, peers: withKey(state.peers, event.peer.fingerprint, event.peer, atMs) };
    case "peer_gone":
      return { ...state, peers: without(state.peers, event.fingerprint) };
    case "mail":
      return { ...state, mail: event.mail };
    case "tasks":
      return { ...state, tasks: event.tasks };
    case "ready":
      return { ...state, isReady: true };
    default:
      return state;
  }
}

function withKey<T>(
  map: ReadonlyMap<string, ToldAt<T>>,
  ...[key, value, atMs]: readonly [string, T, number]
): ReadonlyMap<string, ToldAt<T>> {
  return new Map(map).set(key, { value, atMs });
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(key);
  return left;
}

/** The state from `status`, for a list that is printed once. */
export function stateOfStatus(status: Status, atMs: number): WatchState {
  const { machine, handles, peers, mail = null, tasks = null } = status;
  return {
    machine,
    handles: new Map(handles.map((value) => [value.handle, { value, atMs }])),
    peers: new Map(peers.map((value) => [value.fingerprint, { value, atMs }])),
    mail,
    tasks,
    isReady: true,
  };
}
