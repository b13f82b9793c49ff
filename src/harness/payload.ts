/**
 * What of a hook's payload is read, for every agent alike. What was said in a session, where its
 * transcript lies, and what a tool was given or gave is dropped here, and never leaves the hook.
 */

import type { HookInput } from "../contract/lease.ts";
import { pathBytesMax, sessionIdBytesMax } from "../contract/limits.ts";

/** A payload as the agent wrote it: anything, until each field was looked at. */
export type Payload = Readonly<Record<string, unknown>>;

/** All that leaves a hook of a payload. */
export type Happening = Pick<HookInput, "session_id" | "cwd" | "event" | "state">;

/** What an event says of its session; null where it says nothing. */
export type Meaning = Pick<Happening, "event" | "state">;

/** A session begins or goes on; nothing is known of its state yet, or it is idle. */
export const starts = (state: "idle" | null): Meaning => ({ event: "start", state });
/** A session does something else from now on. */
export const says = (state: "working" | "waiting" | "idle"): Meaning => ({ event: "state", state });
/** A session is over. */
export const ends: Meaning = { event: "end", state: null };

/** Reads a payload; null for what is no JSON object. */
export function parsePayload(bytes: Uint8Array): Payload | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    // An object that was parsed from JSON has strings for keys.
    return isObject ? (parsed as Payload) : null;
  } catch {
    return null;
  }
}

/** Names the session that an event is of; null where the payload does not. */
export function happening(payload: Payload, meaning: Meaning | null): Happening | null {
  const { session_id, cwd } = payload;
  if (meaning === null || !isText(session_id, sessionIdBytesMax)) return null;
  if (!isText(cwd, pathBytesMax) || !cwd.startsWith("/")) return null;
  return { session_id, cwd, ...meaning };
}

/**
 * True where an event comes from a subagent: what that does is not what its session does. Both
 * agents say so by this field.
 */
export const isOfSubagent = ({ agent_id }: Payload): boolean =>
  agent_id !== undefined && agent_id !== null;

function isText(value: unknown, bytesMax: number): value is string {
  if (typeof value !== "string" || value === "" || value.length > bytesMax) return false;
  const isClean = value.isWellFormed() && !value.includes("\0");
  return isClean && new TextEncoder().encode(value).length <= bytesMax;
}
