/**
 * The answer of a hook to its agent: a line for the person, and a sentence for the model, in our
 * own words alone. The model asks for names that other machines chose, and the reply marks them as
 * foreign.
 */

import { modelLine, personLine } from "../contract/delivery/notices.ts";
import type { HookOutput } from "../contract/lease.ts";
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
  const mail = output.notice;
  const lines = [...(taken ? [line] : []), ...(mail === undefined ? [] : [personLine(mail)])];
  const live = `This session is live on peernet as ${handle}. ${others(output.live)}`;
  return printableJson({
    ...(lines.length > 0 ? { systemMessage: lines.join("\n") } : {}),
    hookSpecificOutput: {
      hookEventName: "SessionStart",
      additionalContext: mail === undefined ? live : `${live} ${modelLine(mail)}`,
    },
  });
}

/** Counts alone: this answer must not repeat names that other machines chose. */
function others(live: readonly string[]): string {
  if (live.length === 0) return "Live on paired machines: none.";
  const machines = new Set(live.map((handle) => handle.slice(0, handle.indexOf("/")))).size;
  const sessions = `${live.length} ${live.length === 1 ? "session" : "sessions"}`;
  return `Live on paired machines: ${sessions} on ${machines}. The tool list_peers names them.`;
}
