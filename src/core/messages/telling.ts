/**
 * Decides when a session is told of its mail, and when a turn is started for it. A notice may be
 * repeated without harm; a started turn costs tokens, so it needs every condition at once.
 */

import { wakeRetryMs, wakeTriesMax } from "../../contract/delivery/limits.ts";
import type { Turn } from "../../contract/delivery/turn.ts";
import type { Way } from "../../contract/delivery/way.ts";
import type { ObstacleWord } from "../../contract/delivery/ways.ts";
import type { State } from "../../contract/lease.ts";
import type { Reading } from "./handover.ts";

/** The unread mail of a session, as far as telling needs it. */
export interface Unread {
  readonly count: number;
  /** Messages for which a notice of their own is due. */
  readonly loud: number;
  /** The newest; null without any. */
  readonly newest: string | null;
  /** Messages that may start a turn of this session. */
  readonly waking: number;
  /** Milliseconds until the budgets allow a turn; null not before a person acts. */
  readonly wakesInMs: number | null;
}

/** The memory of telling one session. Times are elapsed time. */
export interface Reader extends Reading {
  readonly session_id: string;
  /** The client's record and its size, by the last event. */
  readonly record: string | null;
  readonly bytes: number;
  /** True when it asks a person before it acts; null when unknown. */
  readonly asks: boolean | null;
  readonly headless: boolean;
  /** The last event. */
  readonly heard_ms: number;
  /** The newest message of which it was told in this turn. */
  readonly noticed: string | null;
  /** Messages of the last notice, which its next event proves. */
  readonly told: readonly string[];
  /** The source of that notice: a wake is proven by a new turn alone. */
  readonly told_by: "hook" | "wake";
  readonly wake: Wake | null;
}

/** The last attempt to start a turn. */
export interface Wake {
  /** The newest message at that time: another one is a reason for another attempt. */
  readonly newest: string;
  readonly tries: number;
  readonly at_ms: number;
  /** True once an event followed: the session knows, and is not started again for these. */
  readonly answered: boolean;
  /** The reason why the last try failed: `terminal`, or `command`; null when it did not. */
  readonly failed: string | null;
}

/** A notice that a hook gives: to the model and the person, or to the person alone. */
export type Told = "none" | "both" | "person" | "continue";

/** The session of an event. */
export interface Telling {
  readonly reader: Reader;
  readonly mail: Unread;
  /** True when nothing forbids to go on with a turn of this session. */
  readonly mayGoOn: boolean;
}

/** Decides the notice in the answer to a hook's event. */
export function toldAt(turn: Turn, { reader, mail, mayGoOn }: Telling): Told {
  if (mail.count === 0 || turn.subagent || turn.own) return "none";
  switch (turn.moment) {
    case "startup":
    case "resume":
    case "clear":
    case "compact":
    case "prompt":
      return "both";
    case "woken":
      // The wake itself told its model, unless this turn is another task's.
      return isAwaited(reader) ? "person" : "both";
    case "tool":
      return mail.loud > 0 && reader.noticed !== mail.newest ? "both" : "none";
    case "end":
      return !turn.continued && mayGoOn && mayStart(reader, mail) ? "continue" : "none";
    case "cut":
      return "none";
    default:
      return turn.moment satisfies never;
  }
}

/** True while a wake has no answer yet. */
export const isAwaited = ({ wake }: Reader): boolean => wake !== null && !wake.answered;

/** True when a turn may begin, or go on, for mail of which the session does not know yet. */
const mayStart = (reader: Reader, mail: Unread): boolean =>
  mail.waking > 0 && mail.wakesInMs === 0 && !knows(reader, mail) && reader.noticed !== mail.newest;

/** True when the session was started for this very mail, and went on. */
const knows = ({ wake }: Reader, { newest }: Unread): boolean =>
  wake !== null && wake.newest === newest && wake.answered;

/** The next act for an idle session. */
export type WakeStep =
  | { readonly do: "nothing" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "wake"; readonly tries: number };

/** Decides whether a session is woken now. `state` is null when its state is unknown. */
export function wakeStep(
  reader: Reader,
  mail: Unread,
  { state, nowMs }: { readonly state: State | null; readonly nowMs: number },
): WakeStep {
  const isBusy = state === "working" || state === "waiting";
  if (isBusy || mail.waking === 0 || mail.newest === null || mail.wakesInMs === null) {
    return { do: "nothing" };
  }
  const { wake } = reader;
  const isRetry = wake !== null && wake.newest === mail.newest;
  if (isRetry && (wake.answered || wake.tries >= wakeTriesMax)) return { do: "nothing" };
  const afterMs = isRetry ? wake.at_ms + wakeRetryMs - nowMs : 0;
  // Tries of one wake start at most one turn together: only the first waits for the budgets.
  const ms = isRetry ? Math.max(0, afterMs) : mail.wakesInMs;
  return ms > 0 ? { do: "wait", ms } : { do: "wake", tries: isRetry ? wake.tries + 1 : 1 };
}

/** The properties of a session that may be woken. */
export interface Wakeable {
  readonly reader: Reader | null;
  readonly harness: string;
  /** True when a process waits to wake it. */
  readonly hasWaker: boolean;
  /** The setting `messages.wake`. */
  readonly setting: "always" | "never";
  /** True when a machine that may wake it without a person has mail for it. */
  readonly unattended: boolean;
}

/** The reason why no turn is started for a session; null when one may be. */
export function obstacleTo(facts: Wakeable): ObstacleWord | null {
  const { reader, harness, hasWaker, setting, unattended } = facts;
  if (setting === "never") return "setting";
  if (reader === null) return isHooked(harness) ? "hooks" : "program";
  if (reader.headless) return "headless";
  if (reader.asks !== true && !unattended) return "unattended";
  if (reader.wake?.failed != null)
    return reader.wake.failed === "terminal" ? "terminal" : "command";
  if (isAwaited(reader) && (reader.wake?.tries ?? 0) >= wakeTriesMax) return "silent";
  if (!isHooked(harness)) return "program";
  return harness === "codex" || hasWaker ? null : "waker";
}

/** True for an agent whose hooks tell its sessions of mail. */
const isHooked = (harness: string): boolean => harness === "claude-code" || harness === "codex";

/** The way in which a session can be told now. `state` is null when its state is unknown. */
export function wayOf(facts: Wakeable, state: State | null): Way {
  const not_wakeable = obstacleTo(facts);
  const { harness, reader } = facts;
  if (harness === "shell") return { next: "inbox", not_wakeable };
  if (reader === null && !isHooked(harness)) return { next: "call", not_wakeable };
  const isBusy = state === "working" || state === "waiting";
  if (reader !== null && isBusy) return { next: "turn", not_wakeable };
  return { next: not_wakeable === null ? "wake" : "prompt", not_wakeable };
}

/** Obstacles that tell of a setting, or of a session's mode: no peer learns of those. */
const ownObstacles: ReadonlySet<ObstacleWord> = new Set(["setting", "headless", "unattended"]);

/** A way as a peer learns of it, which may start a turn or not. */
export function wayForPeer({ next, not_wakeable }: Way, mayWake: boolean): Way {
  const why = not_wakeable ?? (mayWake ? null : "right");
  return {
    next: next === "wake" && why !== null ? "prompt" : next,
    not_wakeable: why !== null && ownObstacles.has(why) ? "closed" : why,
  };
}
