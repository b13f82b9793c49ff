/**
 * The hook before an edit: warns once when another live session has changed the same file. It never
 * blocks the edit, runs no git and asks the daemon alone, which must answer at once.
 */

import type { Control } from "../contract/control.ts";
import type { Calls } from "../contract/operation/operation.ts";
import { editPatienceMs } from "../contract/overlap/limits.ts";
import type { EditOutput } from "../contract/overlap/overlap.ts";
import { printableJson } from "../contract/text/printable.ts";
import type { Edit } from "../harness/edits.ts";
import { editEvent } from "../harness/events.ts";
import type { Timers } from "../platform/effects.ts";
import { pathBelow, pathDigest } from "../session/overlap.ts";

/** Dependencies of a warning. */
export interface EditParts {
  readonly calls: () => Pick<Calls<Control>, "overlap/edit">;
  readonly out: (text: string) => void;
  readonly timers: Timers;
}

/** Prints a warning about an edit, when there is one and the daemon tells it in time. */
export async function warnOfEdit({ session_id, paths }: Edit, parts: EditParts): Promise<void> {
  if (paths.length === 0) return;
  const calls = parts.calls();
  const session = { session_id };
  const tree = (
    await inTime(parts, (signal) => calls["overlap/edit"]({ session, paths: [] }, { signal }))
  )?.tree;
  if (!tree) return;
  const files = paths.flatMap((path) => pathBelow(tree.root, path) ?? []);
  if (files.length === 0) return;
  const digests = files.map((file) => pathDigest(tree.identity, file));
  const told = await inTime(parts, (signal) =>
    calls["overlap/edit"]({ session, paths: digests }, { signal }),
  );
  const text = told?.warning ? answerTo(told.warning, files.length) : null;
  if (text !== null) parts.out(`${text}\n`);
}

/** The answer of the daemon; null when it takes too long. */
async function inTime(
  { timers }: EditParts,
  call: (signal: AbortSignal) => Promise<EditOutput>,
): Promise<EditOutput | null> {
  const patience = new AbortController();
  const cancel = timers.after(editPatienceMs, () => patience.abort());
  try {
    return await call(patience.signal);
  } catch (error) {
    if (patience.signal.aborted) return null;
    throw error;
  } finally {
    cancel();
  }
}

/**
 * The answer, as JSON: the person and the model get the same line, without a word of another
 * machine. It decides nothing.
 */
function answerTo({ machine, here }: NonNullable<EditOutput["warning"]>, files: number): string {
  const where = here ? "this machine" : (machine ?? "a paired machine");
  const what = files === 1 ? "this file" : "a file of this patch";
  const line = `peernet: another live session, on ${where}, has changed ${what}`;
  return printableJson({
    systemMessage: line,
    hookSpecificOutput: { hookEventName: editEvent, additionalContext: line },
  });
}
