/**
 * Words that are the same for every person and model: states, lists, and ages and durations, in one
 * unit. Pure; loads nothing. Uses ages that the answering machine measured; never
 * subtracts two machines' clocks.
 */

import type { Harness, State } from "../lease.ts";
import { type Hidden, isHidden, notShown } from "./fact-groups.ts";

const units = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** A smaller age is `now`: the round trip of a question takes as long. */
const nowMs = 5_000;

/** An age: `now` under 5 s, then `12 s`, `4 min`, `2 h`, `3 d`. */
export const ageText = (ms: number): string => (ms < nowMs ? "now" : inUnits(ms, Math.floor));

/** The time left of a long period, rounded up: `8 h` until 7 h are left, then `7 h`. */
export const leftText = (ms: number): string => inUnits(Math.max(0, ms), Math.ceil);

function inUnits(ms: number, whole: (units: number) => number): string {
  const fitting = units.find((unit) => ms >= unit.ms);
  return fitting === undefined
    ? `${whole(ms / 1_000)} s`
    : `${whole(ms / fitting.ms)} ${fitting.unit}`;
}

/** A past time by its age: `now`, `4 min ago`. */
export const ago = (ms: number): string => (ms < nowMs ? "now" : `${ageText(ms)} ago`);

/**
 * The age of former facts, as of a machine that no longer answers: it is never `now`. Reads
 * `under 1 s ago`, `3 s ago`, `4 min ago`.
 */
export const past = (ms: number): string =>
  ms < 1_000 ? "under 1 s ago" : `${inUnits(ms, Math.floor)} ago`;

/** The time left of a short period, as minutes and seconds: `1:52`. */
export function left(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The duration of a round trip: `under 1 ms`, `12 ms`, `1.2 s`. */
export function took(ms: number): string {
  if (ms < 1) return "under 1 ms";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** The duration of a piece of work: `0.4 s`, `3 min 9 s`, `1 h 20 min`. */
export function lasted(ms: number): string {
  if (ms < 60_000) return took(ms);
  const seconds = Math.floor(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const [large, small] = hours > 0 ? [`${hours} h`, minutes] : [`${minutes} min`, seconds % 60];
  return small === 0 ? large : `${large} ${small} ${hours > 0 ? "min" : "s"}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** The facts that decide the words for a session's state. */
export interface StateFacts {
  readonly state: State | null;
  /** The time since the state began, in milliseconds. */
  readonly state_for_ms: number | null;
  readonly harness?: Harness | null | undefined;
}

const stateNotShown = `state ${notShown}`;

/**
 * A state and its duration: `working 4 min`, `idle now`. Without a known state it is `unknown`, and
 * for a shell, which reports none, `shell`.
 */
export function stateShort(
  { state, state_for_ms: forMs, harness }: StateFacts,
  hidden: Hidden,
): string {
  if (state === null && isHidden(hidden, "state")) return stateNotShown;
  if (state === null) return harness === "shell" ? "shell" : "unknown";
  return forMs === null ? state : `${state} ${ageText(forMs)}`;
}

/** The same in a sentence: `working for 4 min`. */
export function stateLong(
  { state, state_for_ms: forMs, harness }: StateFacts,
  hidden: Hidden,
): string {
  if (state === null && isHidden(hidden, "state")) return stateNotShown;
  if (state === null) return harness === "shell" ? "state not told" : "state unknown";
  if (forMs === null) return state;
  const words = ageText(forMs);
  return words === "now" ? `${state} now` : `${state} for ${words}`;
}

/** The fate of an ask's question; `here` when it was for this machine's own session. */
export const questionKept = (here: boolean): string =>
  `Your question is on record ${here ? "here" : "there"}; no model read it.`;
