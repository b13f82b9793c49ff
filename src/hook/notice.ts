/**
 * The answer of a hook that tells its session of mail: counts, and names that a person gave. No
 * word of another machine is in it, for both agents give it to their model as more than data.
 */

import { modelLine, personLine } from "../contract/delivery/notices.ts";
import type { Notice } from "../contract/delivery/turn.ts";
import type { HookOutput } from "../contract/lease.ts";
import { printableJson } from "../contract/text/printable.ts";
import type { HookedAgent } from "../harness/events.ts";
import type { PayloadTurn } from "../harness/payload.ts";

/** The answer, as JSON; null for no answer. */
export function noticeOf(
  harness: HookedAgent,
  turn: PayloadTurn | null,
  { notice }: HookOutput,
): string | null {
  if (notice === undefined || turn === null) return null;
  const line = personLine(notice);
  const bell = bellOf(harness, notice);
  if (turn.moment === "end") {
    return printableJson({ ...continuing(harness, modelLine(notice)), ...bell });
  }
  const hookEventName = eventNames[turn.moment];
  if (hookEventName === undefined) return null;
  if (!notice.model) return printableJson({ systemMessage: line, ...bell });
  const hookSpecificOutput = { hookEventName, additionalContext: modelLine(notice) };
  return printableJson({ systemMessage: line, hookSpecificOutput, ...bell });
}

/** The field by which Claude Code rings its terminal; Codex has none. */
export const bellOf = (harness: HookedAgent, { bell = false }: Notice) =>
  bell && harness === "claude-code" ? { terminalSequence: "\u0007" } : {};

/** The events after which an agent takes text for its model, besides a start. */
const eventNames: Readonly<Partial<Record<PayloadTurn["moment"], string>>> = {
  prompt: "UserPromptSubmit",
  woken: "UserPromptSubmit",
  tool: "PostToolUse",
};

/** The answer that goes on with a turn: Claude Code gives a blocking reason to its model twice. */
const continuing = (harness: HookedAgent, text: string): Readonly<Record<string, unknown>> =>
  harness === "codex"
    ? { decision: "block", reason: text }
    : { hookSpecificOutput: { hookEventName: "Stop", additionalContext: text } };
