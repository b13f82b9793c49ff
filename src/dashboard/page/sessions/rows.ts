/**
 * The one list of sessions over all machines: waiting first, then working, idle and unknown, then
 * unreachable machines, with their last known sessions. Pure; reads no clock.
 */

import { unknownHandles } from "../../../contract/grants/words.ts";
import type { LocalHandle, State } from "../../../contract/lease.ts";
import type { Peer, RemoteHandle } from "../../../contract/peer.ts";
import { agentName } from "../../../contract/text/agents.ts";
import {
  type FactGroup,
  type Hidden,
  isHidden,
  notShown,
  told,
  toldText,
} from "../../../contract/text/fact-groups.ts";
import { standingOf } from "../../../contract/text/standing.ts";
import { ageText, past, stateShort } from "../../../contract/text/words.ts";
import { rightHalf } from "../names.ts";
import type { Part } from "../state/selection.ts";

/** The state of a session or the link of a machine, in the terms of the legend. */
export type Kind = State | "unknown" | Exclude<Peer["link"], "up"> | "up";

/** One line of the list. */
export interface Row {
  readonly key: string;
  readonly part: Part;
  readonly kind: Kind;
  /** The kind in a word. */
  readonly word: string;
  /** The duration of that, as text; empty when it is unknown. */
  readonly since: string;
  /** `mini/hydrate`; the name alone of a machine. */
  readonly name: string;
  readonly branch: string;
  /** `91c0d7e +3 ↑2`. */
  readonly counts: string;
  readonly agent: string;
  /** The first line of the summary, or the words about a machine. */
  readonly text: string;
  /** True when another machine wrote the text. */
  readonly isForeign: boolean;
}

/** A value, and the milliseconds since its arrival. */
export interface Aged<T> {
  readonly value: T;
  readonly agedMs: number;
}

/** The known network. */
export interface Seen {
  readonly own: readonly Aged<LocalHandle>[];
  readonly peers: readonly Aged<Peer>[];
}

const order: readonly Kind[] = [
  "waiting",
  "working",
  "idle",
  "unknown",
  "one-way",
  "refused",
  "down",
  "up",
];

interface Sorted extends Row {
  readonly forMs: number;
}

/** The lines of the list, in their order. */
export function rowsOf({ own, peers }: Seen): readonly Row[] {
  const rows = [
    ...own.map(rowOfOwn),
    ...peers.flatMap(({ value, agedMs }) => [
      ...value.handles.map((handle) => rowOfRemote(value, handle, agedMs)),
      ...rowOfMachine(value, agedMs),
    ]),
  ];
  return rows.sort(
    (one, other) =>
      order.indexOf(one.kind) - order.indexOf(other.kind) ||
      // Of several waiting sessions, the longest wait comes first.
      (one.kind === "waiting" ? other.forMs - one.forMs : 0) ||
      (one.name < other.name ? -1 : 1),
  );
}

function rowOfOwn({ value, agedMs }: Aged<LocalHandle>): Sorted {
  const { handle, harness, state, summary, git } = value;
  return {
    ...standing({ state, harness, hidden: [] }, aged(value.state_for_ms, agedMs)),
    key: handle,
    part: { kind: "own", handle },
    name: handle,
    branch: git?.branch ?? "",
    counts: countsOf(git ?? {}),
    agent: agentName(harness),
    text: summary === null ? "no summary" : firstLine(summary),
    isForeign: summary !== null,
  };
}

function rowOfRemote(peer: Peer, remote: RemoteHandle, agedMs: number): Sorted {
  const { handle, state, harness = null, summary, hidden } = remote;
  return {
    ...standing({ state, harness, hidden }, aged(remote.state_for_ms, agedMs)),
    key: `${peer.fingerprint} ${handle}`,
    part: { kind: "handle", fingerprint: peer.fingerprint, handle },
    name: handle,
    branch: shownOr(remote.branch, "branch", hidden),
    counts: countsOf(remote),
    agent: harness === null ? shownOr(null, "harness", hidden) : agentName(harness),
    text: toldText(told(summary, { of: "summary", hidden, why: "no summary" }), firstLine),
    isForeign: typeof summary === "string",
  };
}

/** A machine has a line of its own when it is not up, or has no session for a line. */
function rowOfMachine(peer: Peer, agedMs: number): readonly Sorted[] {
  const { link, name, fingerprint } = peer;
  if (link === "up" && peer.handles.length > 0) return [];
  const seenMs = aged(peer.last_seen_age_ms, agedMs);
  const { phrases } = standingOf({ ...peer, last_seen_age_ms: seenMs });
  const last = peer.last_known?.handles ?? [];
  const none = unknownHandles(peer) ?? "no session has a handle there";
  const text = link === "up" ? [none] : phrases;
  return [
    {
      key: fingerprint,
      part: { kind: "peer", fingerprint },
      kind: link,
      word: link,
      since: "",
      forMs: seenMs ?? Number.MAX_SAFE_INTEGER,
      name,
      branch: "",
      counts: "",
      agent: "",
      text: last.length === 0 ? text.join(", ") : lastKnown(peer, agedMs),
      isForeign: false,
    },
  ];
}

/** `last known 3 h ago: web idle, docs working`. */
export function lastKnown({ last_known }: Pick<Peer, "last_known">, agedMs: number): string {
  if (!last_known) return "";
  const told = last_known.handles.map(
    ({ handle, state, hidden }) =>
      `${rightHalf(handle)} ${state ?? (isHidden(hidden, "state") ? notShown : "unknown")}`,
  );
  return `last known ${past(last_known.age_ms + agedMs)}: ${told.join(", ")}`;
}

interface Standing {
  readonly state: State | null;
  readonly harness: string | null;
  readonly hidden: Hidden;
}

function standing({ state, harness, hidden }: Standing, forMs: number | null) {
  return {
    kind: state ?? "unknown",
    word: stateShort({ state, harness, state_for_ms: null }, hidden),
    since: forMs === null ? "" : ageText(forMs),
    forMs: forMs ?? Number.MAX_SAFE_INTEGER,
  } as const;
}

/** A text; without one, the words for a hidden fact, or nothing. */
const shownOr = (text: string | null | undefined, of: FactGroup, hidden: Hidden): string =>
  text ?? (isHidden(hidden, of) ? `${of === "harness" ? "agent" : of} ${notShown}` : "");

interface Git {
  readonly hidden?: Hidden;
  readonly branch?: string | null | undefined;
  readonly sha?: string | null | undefined;
  readonly dirty?: number | null | undefined;
  readonly ahead?: number | null | undefined;
  readonly behind?: number | null | undefined;
}

/** Git facts in a line: `main 91c0d7e +3 ↑2 ↓1`, as far as they are known. */
export const gitText = (git: Git): string =>
  `${shownOr(git.branch, "branch", git.hidden)} ${countsOf(git)}`.trim();

function countsOf(git: Git): string {
  const count = (mark: string, of: number | null | undefined) => (of ? `${mark}${of}` : "");
  return [
    git.sha?.slice(0, 7) ?? "",
    count("+", git.dirty),
    count("↑", git.ahead),
    count("↓", git.behind),
    git.dirty === null ? shownOr(null, "counts", git.hidden) : "",
  ]
    .filter((word) => word !== "")
    .join(" ");
}

/** The first line of a text. */
export const firstLine = (text: string): string => text.trimStart().split("\n", 1)[0] ?? "";

const aged = (ms: number | null, more: number): number | null => (ms === null ? null : ms + more);

/** The lines that contain every word of a filter. */
export function filtered(rows: readonly Row[], filter: string): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/);
  return rows.filter(({ word, name, branch, counts, agent, text }) => {
    const whole = `${word} ${name} ${branch} ${counts} ${agent} ${text}`.toLowerCase();
    return words.every((each) => whole.includes(each));
  });
}

/** The network in a sentence: `laptop + 3 machines · 7 sessions · 1 waits`. */
export function sumOf(machine: string, { own, peers }: Seen): string {
  const states = [
    ...own.map(({ value }) => value.state),
    ...peers.flatMap(({ value }) => value.handles.map(({ state }) => state)),
  ];
  const waiting = states.filter((state) => state === "waiting").length;
  return [
    peers.length === 0 ? machine : `${machine} + ${counted(peers.length, "machine")}`,
    counted(states.length, "session"),
    ...(waiting === 0 ? [] : [`${waiting} ${waiting === 1 ? "waits" : "wait"}`]),
  ].join(" · ");
}

const counted = (count: number, noun: string): string =>
  `${count} ${count === 1 ? noun : `${noun}s`}`;
