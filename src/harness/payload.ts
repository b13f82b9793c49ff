/**
 * The fields of a hook's payload that peernet reads, the same for every agent. A session's words,
 * and a tool's input and output, are dropped here, and never leave the hook.
 */

import { noncesMax } from "../contract/delivery/limits.ts";
import { wakeNotice } from "../contract/delivery/notices.ts";
import type { Moment } from "../contract/delivery/turn.ts";
import type { HookInput } from "../contract/lease.ts";
import { pathBytesMax, sessionIdBytesMax } from "../contract/limits.ts";

/** A payload as the agent wrote it: unchecked until each field is validated. */
export type Payload = Readonly<Record<string, unknown>>;

/** The fields of a payload that leave the hook. */
export type Happening = Pick<HookInput, "session_id" | "cwd" | "event" | "state"> & {
  /** Null for an event between the moments of a turn. */
  readonly turn: PayloadTurn | null;
};

/** The facts of a turn in a payload. */
export type PayloadTurn = Omit<NonNullable<HookInput["turn"]>, "record"> & {
  /** The path of the client's record of the session; null when the payload names none. */
  readonly transcript: string | null;
};

/** The change that an event reports about its session; null when it reports none. */
export type Meaning = Pick<Happening, "event" | "state">;

/** A session begins or continues; its state is idle, or not known yet. */
export const starts = (state: "idle" | null): Meaning => ({ event: "start", state });
/** A session changes its state. */
export const says = (state: "working" | "waiting" | "idle" | null): Meaning => ({
  event: "state",
  state,
});
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

/** Adds the session's id and the moment to an event; null when the payload has no id. */
export function happening(
  payload: Payload,
  meaning: Meaning | null,
  moment: Moment | null,
): Happening | null {
  const { session_id, cwd } = payload;
  const turn = moment === null ? null : turnOf(payload, moment);
  // A subagent changes nothing about its session, unless it took the session's mail.
  const isProof = turn?.subagent === true && turn.nonces.length > 0;
  const told = meaning ?? (isProof ? says(null) : null);
  if (told === null || !isText(session_id, sessionIdBytesMax)) return null;
  if (!isPath(cwd)) return null;
  return { session_id, cwd, ...told, turn };
}

/** True for an absolute path that can be a file's. */
export const isPath = (value: unknown): value is string =>
  isText(value, pathBytesMax) && value.startsWith("/");

/**
 * True when an event comes from a subagent, whose acts do not change its session's state. Both
 * agents mark such events with this field.
 */
export const isOfSubagent = ({ agent_id }: Payload): boolean =>
  agent_id !== undefined && agent_id !== null;

/** The moment of a start, which both agents name alike; null for a start of a later version. */
export function startOf({ source }: Payload): Moment | null {
  switch (source) {
    case "startup":
    case "resume":
    case "clear":
    case "compact":
      return source;
    default:
      return null;
  }
}

/** The moment of a prompt: a wake, and a task of the client, are no person's words. */
export const promptOf = ({ prompt }: Payload): Moment =>
  typeof prompt === "string" && unattended.some((words) => prompt.startsWith(words))
    ? "woken"
    : "prompt";

const unattended = ["<task-notification>", wakeNotice];

/** Modes in which a session asks a person before it acts beyond its work tree. */
const asking: ReadonlySet<unknown> = new Set(["default", "acceptEdits", "plan"]);

/** The tools of our MCP server, registered by setup or by the plugin. */
const ownTool = /^(mcp__)?(plugin_peernet_)?peernet(__|\.)/;

function turnOf(payload: Payload, moment: Moment): PayloadTurn {
  const { permission_mode: mode, transcript_path: transcript, stop_hook_active: active } = payload;
  const { tool_name: tool, tool_response: response } = payload;
  const own = moment === "tool" && typeof tool === "string" && ownTool.test(tool);
  const found = own ? [...(JSON.stringify(response) ?? "").matchAll(/pnr-[0-9a-f]{16}/g)] : [];
  return {
    moment,
    continued: active === true,
    subagent: isOfSubagent(payload),
    own,
    nonces: [...new Set(found.map(([nonce]) => nonce))].slice(0, noncesMax),
    asks: typeof mode === "string" ? asking.has(mode) : null,
    transcript: isPath(transcript) ? transcript : null,
  };
}

/** True for a clean text of at most that many bytes that is not empty. */
export function isText(value: unknown, bytesMax: number): value is string {
  if (typeof value !== "string" || value === "" || value.length > bytesMax) return false;
  const isClean = value.isWellFormed() && !value.includes("\0");
  return isClean && new TextEncoder().encode(value).length <= bytesMax;
}
