/**
 * The hook that waits to wake its session: registers with the daemon, then becomes a small shell
 * that reads one line from a pipe. The client runs it in the background, and gives its error
 * output to the model when it ends with 2. It ends at once where nobody could be woken.
 */

import type { Control } from "../contract/control.ts";
import { wakerPauseMs, wakerTriesMax } from "../contract/delivery/limits.ts";
import { wakeNotice, wakerWords } from "../contract/delivery/notices.ts";
import type { WakerInput } from "../contract/delivery/waker.ts";
import { hookBytesMax, hookDeadlineMs } from "../contract/limits.ts";
import type { Calls } from "../contract/operation/operation.ts";
import { isClaudeCodeHeadless, readClaudeCode } from "../harness/claude-code-hook.ts";
import { parsePayload } from "../harness/payload.ts";
import type { Timers } from "../platform/effects.ts";
import { agentProcess, ancestorsOf } from "../session/process.ts";
import { readObject } from "./input.ts";

/** Dependencies of a waker. */
export interface WakerParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The waker's own number. */
  readonly pid: number;
  readonly input: AsyncIterable<Uint8Array>;
  readonly calls: () => Pick<Calls<Control>, "waker">;
  readonly newPipe: () => string;
  /** Makes the pipe of a name, and opens it; null when the home has no place for it. */
  readonly makePipe: (pipe: string) => OpenPipe | null;
  readonly timers: Timers;
}

/** A pipe that this process made. */
export interface OpenPipe {
  readonly path: string;
  /** Becomes a shell that reads the pipe; returns only when that failed. */
  readonly become: (words: readonly string[]) => void;
  readonly remove: () => void;
}

/** Runs a waker. Returns when it has nothing to wait for. */
export async function runWaker(parts: WakerParts): Promise<void> {
  // A run without a person would wait for this process to its end.
  if (isClaudeCodeHeadless(parts.environment)) return;
  const bytes = await readObject(parts.input, hookBytesMax);
  const payload = bytes === null ? null : parsePayload(bytes);
  const happened = payload === null ? null : readClaudeCode(payload);
  const process = agentProcess("claude-code", ancestorsOf(parts.pid), parts.environment);
  if (happened === null || process === null) return;
  const name = parts.newPipe();
  const pipe = parts.makePipe(name);
  if (pipe === null) return;
  try {
    const { pid, start_time } = process;
    const { session_id } = happened;
    const waker = { harness: "claude-code", session_id, process: { pid, start_time }, pipe: name };
    // At a start its other hook is taking the session's handle at this moment.
    const tries = happened.event === "start" ? wakerTriesMax : 1;
    if (await isArmed(parts, waker, tries)) pipe.become(wordsOf(pipe.path));
  } finally {
    pipe.remove();
  }
}

/** The shell's script: whatever is written to the pipe, the model gets our sentence alone. */
const script =
  'read -r line <&3; exec 3<&-; rm -f "$1"; ' +
  `case $line in ${wakerWords.wake}) printf '%s\\n' "$2" >&2; exit 2;; esac; exit 0`;

const wordsOf = (path: string): readonly string[] => [
  ...["/bin/sh", "-c", script],
  ...["peernet-waker", path, wakeNotice],
];

/** Registers, again after a pause while the session has no handle. */
async function isArmed(parts: WakerParts, waker: WakerInput, tries: number): Promise<boolean> {
  for (let tried = 1; tried <= tries; tried += 1) {
    const deadline = new AbortController();
    const cancel = parts.timers.after(hookDeadlineMs, () => deadline.abort());
    const told = await parts
      .calls()
      .waker(waker, { signal: deadline.signal })
      .catch(() => null)
      .finally(cancel);
    if (told === null) return false;
    if (told.armed) return true;
    if (tried === tries) return false;
    await new Promise<void>((resolve) => parts.timers.after(wakerPauseMs, resolve));
  }
  return false;
}
