/**
 * Reads the hooks of Claude Code: its events as starts, states and ends, and whether a person uses
 * the session. Reads a few fields, and ignores unknown events.
 */

import type { Moment } from "../contract/delivery/turn.ts";
import {
  ends,
  type Happening,
  happening,
  isOfSubagent,
  type Meaning,
  type Payload,
  promptOf,
  says,
  startOf,
  starts,
} from "./payload.ts";

/** The event that a payload of Claude Code reports; null when it changes nothing. */
export const readClaudeCode = (payload: Payload): Happening | null =>
  happening(payload, meaningOf(payload), momentOf(payload));

/** The moment of the turn that an event marks; null when it marks none. */
function momentOf(payload: Payload): Moment | null {
  switch (payload.hook_event_name) {
    case "SessionStart":
      return startOf(payload);
    case "UserPromptSubmit":
      return promptOf(payload);
    case "PostToolUse":
      return "tool";
    case "Stop":
      return "end";
    case "StopFailure":
      return "cut";
    default:
      return null;
  }
}

/** Notifications about the session's own state; the others concern logins and other sessions. */
const notified: Readonly<Record<string, Meaning>> = {
  idle_prompt: says("idle"),
  permission_prompt: says("waiting"),
  worker_permission_prompt: says("waiting"),
  elicitation_dialog: says("waiting"),
  elicitation_url_dialog: says("waiting"),
};

function meaningOf(payload: Payload): Meaning | null {
  const { hook_event_name: event, source, reason, notification_type: type } = payload;
  // A subagent's question still goes to the person.
  if (event === "PermissionRequest") return says("waiting");
  if (isOfSubagent(payload)) return null;
  switch (event) {
    case "SessionStart":
      // A compaction may happen in the middle of the work.
      return starts(source === "compact" ? null : "idle");
    case "UserPromptSubmit":
    case "PostToolUse":
      return says("working");
    case "Notification":
      return typeof type === "string" && Object.hasOwn(notified, type)
        ? (notified[type] ?? null)
        : null;
    case "Stop":
    case "StopFailure":
      return says("idle");
    case "SessionEnd":
      // The next session of the same process inherits its handle.
      return reason === "clear" ? null : ends;
    default:
      return null;
  }
}

/**
 * True when no person uses the session, as the environment of its hooks shows. Releases without a
 * variable for that run in a terminal when their entry point is `cli`.
 */
export function isClaudeCodeHeadless(
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { CLAUDE_CODE_SESSION_ATTENDED: attended, CLAUDE_CODE_ENTRYPOINT: entry } = environment;
  return attended === undefined ? entry !== "cli" : attended !== "1";
}
