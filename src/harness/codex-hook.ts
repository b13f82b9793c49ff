/**
 * What the hooks of Codex tell: its events as starts, states and ends, and what kind of process
 * they come from. Reads a handful of fields, and ignores events that it does not know.
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

/** What a payload of Codex says; null where that changes nothing. */
export const readCodex = (payload: Payload): Happening | null =>
  happening(payload, meaningOf(payload));

function meaningOf(payload: Payload): Meaning | null {
  const { hook_event_name: event } = payload;
  // A subagent's question is put to the person all the same.
  if (event === "PermissionRequest") return says("waiting");
  if (isOfSubagent(payload)) return null;
  switch (event) {
    case "SessionStart":
      // It comes with the first prompt, and after a compaction in the middle of the work.
      return starts(null);
    case "UserPromptSubmit":
    case "PostToolUse":
      return says("working");
    case "Stop":
    case "Interrupt":
      return says("idle");
    case "SessionEnd":
      return ends;
    default:
      return null;
  }
}

/** What a process of Codex is to the session whose hook it runs. */
export interface CodexProcess {
  /** It runs this session and no other. */
  readonly sole: boolean;
  /** Nobody sits in front of it. */
  readonly headless: boolean;
}

/** Subcommands that do one piece of work and end. */
const oneShot: ReadonlySet<string> = new Set(["exec", "e", "review"]);

/**
 * Tells by a process's arguments, the first being its own name, whether it is one run, the server
 * behind every terminal and editor of its user, or a terminal's own. What is none of these is
 * taken to have nobody in front of it.
 */
export function codexProcess(
  argv: readonly string[],
  process: { readonly terminal: boolean },
): CodexProcess {
  const words = new Set(argv.slice(1));
  if (words.has("app-server")) return { sole: false, headless: false };
  const runsOnce = [...words].some((word) => oneShot.has(word));
  return { sole: runsOnce, headless: runsOnce || !process.terminal };
}
