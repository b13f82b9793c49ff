/**
 * What the hooks of Claude Code tell: its events as starts, states and ends, and whether a person
 * sits in front of it. Reads a handful of fields, and ignores events that it does not know.
 */

import {
  ends,
  type Happening,
  happening,
  isOfSubagent,
  type Meaning,
  type Payload,
  says,
  starts,
} from "./payload.ts";

/** What a payload of Claude Code says; null where that changes nothing. */
export const readClaudeCode = (payload: Payload): Happening | null =>
  happening(payload, meaningOf(payload));

/** Notifications that are of the session's state; the others are of logins and other sessions. */
const notified: Readonly<Record<string, Meaning>> = {
  idle_prompt: says("idle"),
  permission_prompt: says("waiting"),
  worker_permission_prompt: says("waiting"),
  elicitation_dialog: says("waiting"),
  elicitation_url_dialog: says("waiting"),
};

function meaningOf(payload: Payload): Meaning | null {
  const { hook_event_name: event, source, reason, notification_type: type } = payload;
  // A subagent's question is put to the person all the same.
  if (event === "PermissionRequest") return says("waiting");
  if (isOfSubagent(payload)) return null;
  switch (event) {
    case "SessionStart":
      // A compaction may come in the middle of the work.
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
      // The next session of the same process takes its handle over.
      return reason === "clear" ? null : ends;
    default:
      return null;
  }
}

/**
 * True where nobody sits in front of it, as its hooks' environment tells: releases that do not say
 * so outright are in a terminal where their entry point is `cli`.
 */
export function isClaudeCodeHeadless(
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { CLAUDE_CODE_SESSION_ATTENDED: attended, CLAUDE_CODE_ENTRYPOINT: entry } = environment;
  return attended === undefined ? entry !== "cli" : attended !== "1";
}
