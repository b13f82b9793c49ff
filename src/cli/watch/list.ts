/**
 * The list of all sessions: those waiting for a person first, then working ones, then idle ones,
 * then machines that are down with their last known sessions. Pure.
 */

import type { State } from "../../contract/lease.ts";
import type { Peer, RemoteHandle } from "../../contract/peer.ts";
import { type Hidden, isHidden } from "../../contract/text/fact-groups.ts";
import { standingOf } from "../../contract/text/standing.ts";
import { listed } from "../../contract/text/words.ts";
import type { ListedGit } from "../frame/facts.ts";
import type { ToldAt, WatchState } from "./state.ts";

/** One session in the list. */
export interface SessionRow {
  readonly kind: "session";
  readonly handle: string;
  readonly state: State | null;
  readonly forMs: number | null;
  readonly harness: string | null;
  readonly git: ListedGit | null;
  /** The first line of its summary; null when it is hidden, set by nobody, or not told. */
  readonly summary: string | null;
  /** The groups of facts that its machine hides. */
  readonly hidden: Hidden;
  readonly isLocal: boolean;
}

/** A machine whose present sessions are unknown. */
export interface MachineRow {
  readonly kind: "machine";
  readonly name: string;
  readonly link: Peer["link"];
  readonly said: string;
  /** The machine's last known sessions, and their age. */
  readonly last: NonNullable<Peer["last_known"]> | null;
}

/** Mail that waits for a person here. */
export interface MailRow {
  readonly kind: "mail";
  readonly said: string;
}

/** Tasks that wait for a person here, and those that go on. */
export interface TasksRow {
  readonly kind: "tasks";
  /** True when a task waits for a person here. */
  readonly waits: boolean;
  readonly said: string;
}

/** A row of the list. */
export type ListRow = SessionRow | MachineRow | MailRow | TasksRow;

/** The list, and its counts for the head line. */
export interface SessionList {
  readonly machine: string;
  readonly machines: number;
  readonly sessions: number;
  readonly waiting: number;
  readonly rows: readonly ListRow[];
}

/** Makes the list at an instant of the reader's own monotonic clock. */
export function listOf(state: WatchState, nowMs: number): SessionList {
  const local = [...state.handles.values()].map((told) => localRow(told, nowMs));
  const peers = [...state.peers.values()];
  const remote = peers.flatMap((told) =>
    told.value.handles.map((handle) => remoteRow(handle, told, nowMs)),
  );
  const sessions = [...local, ...remote].sort(byUrgency);
  const machines = peers
    .filter(({ value }) => value.link !== "up")
    .map((told) => machineRow(told, nowMs))
    .sort((one, other) => one.name.localeCompare(other.name));
  return {
    machine: state.machine?.name ?? "",
    machines: peers.length,
    sessions: sessions.length,
    waiting: sessions.filter((row) => row.state === "waiting").length,
    rows: [...sessions, ...machines, ...mailRows(state.mail), ...taskRows(state.tasks)],
  };
}

function mailRows(mail: WatchState["mail"]): readonly MailRow[] {
  if (mail === null) return [];
  const { person, held, held_from } = mail;
  const from = held_from.length === 0 ? "" : ` from ${listed(held_from)}`;
  const said = [
    ...(held === 0 ? [] : [`${held} held${from}`]),
    ...(person === 0 ? [] : [`${person} for you`]),
  ];
  return said.length === 0 ? [] : [{ kind: "mail", said: said.join(" · ") }];
}

function taskRows(tasks: WatchState["tasks"]): readonly TasksRow[] {
  if (tasks === null) return [];
  const { held, held_from, here, asked, asked_of } = tasks;
  const said = [
    ...(held === 0 ? [] : [heldTasks(held, held_from)]),
    ...(here === 0 ? [] : [`${here} for others ${here === 1 ? "goes" : "go"} on here`]),
    ...(asked === 0 ? [] : [`${asked} asked of ${listed(asked_of)}`]),
  ];
  return said.length === 0 ? [] : [{ kind: "tasks", waits: held > 0, said: said.join(" · ") }];
}

const heldTasks = (held: number, from: readonly string[]): string =>
  `${held} of ${listed(from)} ${held === 1 ? "waits" : "wait"} for your approval: peernet tasks`;

const ranks: Readonly<Record<State, number>> = { waiting: 0, working: 1, idle: 2 };
const rankOf = ({ state }: SessionRow): number => (state === null ? 3 : ranks[state]);

function byUrgency(one: SessionRow, other: SessionRow): number {
  const byRank = rankOf(one) - rankOf(other);
  if (byRank !== 0) return byRank;
  // Of several waiting sessions, the longest wait comes first.
  const byTime = one.state === "waiting" ? (other.forMs ?? 0) - (one.forMs ?? 0) : 0;
  return byTime !== 0 ? byTime : one.handle.localeCompare(other.handle);
}

type Local = WatchState["handles"] extends ReadonlyMap<string, infer T> ? T : never;

function localRow({ value, atMs }: Local, nowMs: number): SessionRow {
  const { handle, state, harness, git, summary } = value;
  return {
    kind: "session",
    handle,
    state,
    forMs: later(value.state_for_ms, nowMs - atMs),
    harness,
    git: git === null ? null : { branch: git.branch, sha: git.sha, dirty: git.dirty },
    summary: summary?.split("\n")[0] ?? null,
    hidden: [],
    isLocal: true,
  };
}

function remoteRow(handle: RemoteHandle, { atMs }: ToldAt<Peer>, nowMs: number): SessionRow {
  const { branch = null, sha = null, dirty = null } = handle;
  const { hidden } = handle;
  const isTold = [branch, sha, dirty].some((fact) => fact !== null);
  const isKnown = isTold || isHidden(hidden, "branch") || isHidden(hidden, "counts");
  return {
    kind: "session",
    handle: handle.handle,
    state: handle.state,
    forMs: later(handle.state_for_ms, nowMs - atMs),
    harness: handle.harness ?? null,
    git: isKnown ? { branch, sha, dirty } : null,
    summary: handle.summary ?? null,
    hidden,
    isLocal: false,
  };
}

function machineRow({ value, atMs }: ToldAt<Peer>, nowMs: number): MachineRow {
  const { name, link, last_known, last_seen_age_ms } = value;
  const passed = nowMs - atMs;
  const aged = { ...value, last_seen_age_ms: later(last_seen_age_ms, passed) };
  const last = last_known ?? null;
  return {
    kind: "machine",
    name,
    link,
    said: standingOf(aged).phrases.join(" · "),
    last: last === null ? null : { ...last, age_ms: last.age_ms + Math.max(0, passed) },
  };
}

const later = (ms: number | null, passedMs: number): number | null =>
  ms === null ? null : ms + Math.max(0, Math.floor(passedMs));
