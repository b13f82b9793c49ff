/**
 * Reads the hooks of Codex: its events as starts, states and ends, and the kind of process that
 * sends them. Reads a few fields, and ignores unknown events.
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

/** The event that a payload of Codex reports; null when it changes nothing. */
export const readCodex = (payload: Payload): Happening | null =>
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
    case "Interrupt":
      return "cut";
    default:
      return null;
  }
}

function meaningOf(payload: Payload): Meaning | null {
  const { hook_event_name: event } = payload;
  // A subagent's question still goes to the person.
  if (event === "PermissionRequest") return says("waiting");
  if (isOfSubagent(payload)) return null;
  switch (event) {
    case "SessionStart":
      // Codex sends it with the first prompt, and after a compaction in the middle of the work.
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

/** The relation of a Codex process to the session whose hook it runs. */
export interface CodexProcess {
  /** The process runs this session and no other. */
  readonly sole: boolean;
  /** No person uses it. */
  readonly headless: boolean;
}

/** Subcommands that do one task and end. */
const oneShot: ReadonlySet<string> = new Set(["exec", "e", "review"]);

/**
 * Classifies a process by its arguments, the first of which is its own name. It is one run, the
 * server behind every terminal and editor of its user, or a terminal's own process. Any other
 * process counts as headless.
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
