/** The tool that waits for a session. A call is short; the wait continues between calls. */

import type { Tools } from "../../contract/mcp.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { waitCallMs, waitMs } from "../../contract/reach/limits.ts";
import type { WaitEnd, WaitEvent } from "../../contract/reach/waits.ts";
import { asMeant } from "../../session/handles/meant.ts";
import { started } from "../../session/started.ts";
import type { Call } from "../server/parts.ts";
import { callerOf } from "../sessions/caller.ts";

type Output = OutputOf<Tools["wait_for_peer"]>;

/**
 * Waits for a session for as long as one call may take. @throws the errors of an ask, {wait_limit}
 */
export async function waitForPeer(
  { handle, until = "idle", timeout_s }: InputOf<Tools["wait_for_peer"]>,
  call: Call,
): Promise<Output> {
  const { parts, signal } = call;
  const caller = callerOf(call);
  const over = new AbortController();
  const cancel = parts.timers.after(waitCallMs, () => over.abort());
  const for_ms = timeout_s === undefined ? waitMs : timeout_s * 1_000;
  let last: WaitEvent | null = null;
  const read = async (of: string): Promise<WaitEnd | null> => {
    const input = { handle: of, until, for_ms, stays: true, ...caller };
    const options = { signal: AbortSignal.any([signal, over.signal]) };
    for await (const event of parts.calls().wait(input, options)) {
      last = event;
      if (event.event === "ended") return event;
    }
    return null;
  };
  try {
    const run = (of: string) => started(parts, () => read(of));
    const end = await asMeant(parts.calls(), handle, { run }).catch((error: unknown) => {
      if (over.signal.aborted && !signal.aborted) return null;
      throw error;
    });
    return end === null ? goesOn(handle, last) : ended(end);
  } finally {
    cancel();
  }
}

const goesOn = (handle: string, last: WaitEvent | null): Output => ({
  message:
    `${handle}: not yet. The wait goes on without you: do other work, and call wait_for_peer ` +
    "again with the same handle and until to learn its outcome",
  waiting: true,
  wait_id: last?.wait_id ?? null,
  outcome: null,
  reason: null,
  answer: null,
});

const phrases = {
  reached: "reached",
  ended: "the wait has ended",
  timeout: "not reached in that time",
} as const;

const ended = ({ handle, wait_id, outcome, reason, answer }: WaitEnd): Output => ({
  message: `${handle}: ${phrases[outcome]}${reason === "gone" ? "; the handle is gone" : ""}`,
  waiting: false,
  wait_id,
  outcome,
  reason,
  answer,
});
