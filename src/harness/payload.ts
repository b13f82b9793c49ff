/**
 * The fields of a hook's payload that peernet reads, the same for every agent. A session's words,
 * the path of its transcript, and a tool's input and output are dropped here, and never leave the
 * hook.
 */

import type { HookInput } from "../contract/lease.ts";
import { pathBytesMax, sessionIdBytesMax } from "../contract/limits.ts";

/** A payload as the agent wrote it: unchecked until each field is validated. */
export type Payload = Readonly<Record<string, unknown>>;

/** The fields of a payload that leave the hook. */
export type Happening = Pick<HookInput, "session_id" | "cwd" | "event" | "state">;

/** The change that an event reports about its session; null when it reports none. */
export type Meaning = Pick<Happening, "event" | "state">;

/** A session begins or continues; its state is idle, or not known yet. */
export const starts = (state: "idle" | null): Meaning => ({ event: "start", state });
/** A session changes its state. */
export const says = (state: "working" | "waiting" | "idle"): Meaning => ({ event: "state", state });
/** A session has ended. */
export const ends: Meaning = { event: "end", state: null };

/** Reads a payload; null when it is no JSON object. */
export function parsePayload(bytes: Uint8Array): Payload | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    // An object parsed from JSON has strings for keys.
    return isObject ? (parsed as Payload) : null;
  } catch {
    return null;
  }
}

/** Adds the session's id to an event; null when the payload has none. */
export function happening(payload: Payload, meaning: Meaning | null): Happening | null {
  const { session_id, cwd } = payload;
  if (meaning === null || !isText(session_id, sessionIdBytesMax)) return null;
  if (!isText(cwd, pathBytesMax) || !cwd.startsWith("/")) return null;
  return { session_id, cwd, ...meaning };
}

/**
 * True when an event comes from a subagent, whose acts do not change its session's state. Both
 * agents mark such events with this field.
 */
export const isOfSubagent = ({ agent_id }: Payload): boolean =>
  agent_id !== undefined && agent_id !== null;

function isText(value: unknown, bytesMax: number): value is string {
  if (typeof value !== "string" || value === "" || value.length > bytesMax) return false;
  const isClean = value.isWellFormed() && !value.includes("\0");
  return isClean && new TextEncoder().encode(value).length <= bytesMax;
}
