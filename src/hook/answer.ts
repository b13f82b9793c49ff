/**
 * A hook's answer to its agent: a line for the person, and a sentence for the model. Reveals only
 * the handles of other machines: the model asks for other facts, and the reply marks them as
 * foreign.
 */

import type { HookOutput } from "../contract/lease.ts";
import { contextHandlesMax } from "../contract/limits.ts";
import { printableJson } from "../contract/text/printable.ts";
import { announced, leaving } from "../session/announcement.ts";

/**
 * The answer to a start, as JSON; null for no answer. The model hears of the handle at every start,
 * since a start may follow a loss of its memory. The person hears only of a new handle.
 */
export function answerOf(output: HookOutput): string | null {
  const { handle, taken, visible_to } = output;
  if (handle === null) return null;
  const line = `peernet: ${announced({ handle, visible_to })}\n(to leave: ${leaving(handle)})`;
  return printableJson({
    ...(taken ? { systemMessage: line } : {}),
    hookSpecificOutput: {
      hookEventName: "SessionStart",
      additionalContext: `This session is live on peernet as ${handle}. ${others(output.live)}`,
    },
  });
}

function others(live: readonly string[]): string {
  const named = live.slice(0, contextHandlesMax);
  const rest = live.length - named.length;
  const more = rest === 0 ? [] : [`and ${rest} more`];
  return `Live on paired machines: ${[...named, ...more].join(", ") || "none"}.`;
}
