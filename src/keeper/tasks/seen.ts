/**
 * Sees how far a round is, from its folder alone: its supervisor may be of another version, or
 * gone. A supervisor that is gone and left no result has lost its round; it never runs again.
 */

import { statSync } from "node:fs";
import { join } from "node:path";
import { RoundState, type Seen } from "../../contract/tasks/errands.ts";
import { TaskResult } from "../../contract/tasks/task.ts";
import type { Clock, Timers } from "../../platform/effects.ts";
import { isLocked } from "../../platform/process/flock.ts";
import { digestOf } from "./digest.ts";
import { hasFile, type RoundId, readFile, roundFolder, roundNames } from "./folder.ts";

/** Dependencies of a look at a round. */
export interface SeenParts {
  /** The state folder. */
  readonly state: string;
  readonly clock: Clock;
}

/** The state of a round as its folder shows it. */
export function seenOf({ state, clock }: SeenParts, id: RoundId): Seen {
  const folder = roundFolder(state, id);
  const seen = (word: Seen["seen"], running_ms: number | null = null): Seen => ({
    ...{ seen: word, log_bytes: logBytes(folder), running_ms, result: null },
  });
  const ended = resultIn(folder);
  if (ended !== null) return { ...seen("ended"), result: ended };
  // A result of a later version is left to that version.
  if (hasFile(folder, roundNames.result)) return seen("running");
  const isStarted = hasFile(folder, roundNames.started);
  if (!isLocked(join(folder, roundNames.lock))) {
    // The result may have come between the two looks: it precedes the end of the lock.
    const late = resultIn(folder);
    if (late !== null) return { ...seen("ended"), result: late };
    // So may the start of a supervisor that ended at once.
    return seen(hasFile(folder, roundNames.started) ? "lost" : "absent");
  }
  if (!isStarted) return seen("preparing");
  const text = readFile(folder, roundNames.state);
  const read = text === null ? null : RoundState.safeParse(parsed(text));
  if (read === null) return seen("preparing");
  // A later version wrote it: its supervisor runs.
  if (!read.success) return seen("running");
  const { state: word, first_event_boot_ms: first } = read.data;
  return seen(word, first === null ? null : Math.max(0, Math.floor(clock.bootMs() - first)));
}

/** The result of a round without its files, and the whole one as a blob; null when it has none. */
export function resultIn(folder: string): Seen["result"] {
  const text = readFile(folder, roundNames.result);
  if (text === null) return null;
  const read = TaskResult.safeParse(parsed(text));
  if (!read.success) return null;
  const { measured } = read.data;
  const bytes = new TextEncoder().encode(text);
  return {
    short: { ...read.data, measured: { ...measured, files: [] } },
    blob: { bytes: bytes.length, sha256: digestOf(bytes) },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const logBytes = (folder: string): number =>
  statSync(join(folder, roundNames.log), { throwIfNoEntry: false })?.size ?? 0;

/** The interval of the looks at a folder, while somebody waits for its change. */
const lookMs = 100;

/** Waits until the state differs from the known one, for at most that time. */
export async function seenOtherwise(
  parts: SeenParts & { readonly timers: Timers; readonly signal: AbortSignal },
  id: RoundId,
  { known, forMs }: { readonly known: Seen["seen"] | null; readonly forMs: number },
): Promise<Seen> {
  const { clock, timers, signal } = parts;
  const begunMs = clock.monotonicMs();
  for (;;) {
    const seen = seenOf(parts, id);
    const isOver = clock.monotonicMs() - begunMs >= forMs || signal.aborted;
    if (seen.seen !== known || isOver) return seen;
    await new Promise<void>((resolve) => timers.after(lookMs, resolve));
  }
}
