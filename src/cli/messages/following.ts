/** Follows the proven stages of a message, and prints each with its time. */

import { PeernetError } from "../../contract/errors.ts";
import type { Stage } from "../../contract/messages/message.ts";
import type { ProvenStage, StageEvent } from "../../contract/messages/sending.ts";
import { stages } from "../../contract/messages/stages.ts";
import { type Answerer, stageText } from "../../contract/messages/words.ts";
import { fileLine } from "../../contract/text/printable.ts";
import { leftText } from "../../contract/text/words.ts";
import { timeOf } from "../terminal/date.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { failure, note, printBlock, printFileLines, printJson } from "../terminal/output.ts";

/** A message that a command waits for. */
export interface Followed {
  readonly id: string;
  /** The id as people type it. */
  readonly short: string;
  readonly to: string;
  readonly wanted: Stage;
  readonly deadlineMs: number;
  /** True when the person gave the deadline: then a held message is waited for until then. */
  readonly isPatient: boolean;
  readonly json: boolean;
}

/** Exit codes of a wait: 0 at the stage, 4 refused or held, 5 at the deadline. */
const exits = { reached: 0, refused: 4, deadline: 5 } as const;

/** Prints each stage as it is proven, until the wanted one; returns the exit code. */
export function followed(io: Io, message: Followed): Promise<number> {
  return interruptible(io, async (signal) => {
    const over = new AbortController();
    const cancel = io.timers.after(message.deadlineMs, () => over.abort());
    try {
      return await until(io, message, AbortSignal.any([signal, over.signal]));
    } catch (error) {
      if (signal.aborted || !over.signal.aborted) throw error;
      return late(io, message);
    } finally {
      cancel();
    }
  });
}

async function until(io: Io, message: Followed, signal: AbortSignal): Promise<number> {
  const seen = new Set<Stage>();
  for (;;) {
    try {
      const events = io.calls()["receipts/follow"]({ id: message.id }, { signal });
      for await (const event of events) {
        if (seen.has(event.stage)) continue;
        seen.add(event.stage);
        printEvent(io, event, message);
        const exit = exitAt(event, message);
        if (exit === exits.refused && event.stage === "held") noteHeld(io, message);
        if (exit !== null) return exit;
      }
      return late(io, message);
    } catch (error) {
      // The message is durable: a daemon that starts again goes on with it.
      const isRestart = error instanceof PeernetError && error.code === "daemon_not_running";
      if (!isRestart || signal.aborted) throw error;
      await io.ensureDaemon();
    }
  }
}

function exitAt({ stage, reason }: StageEvent, { wanted, isPatient }: Followed): number | null {
  if (stage === "refused" || stage === "expired") return exits.refused;
  if (stage === wanted) return exits.reached;
  // The other machine has it on disk: that is what `stored` asks for.
  if (stage === "held" && wanted === "stored") return exits.reached;
  const isReached = reason === null && stages.indexOf(stage) >= stages.indexOf(wanted);
  if (isReached) return exits.reached;
  return stage === "held" && !isPatient ? exits.refused : null;
}

/** Says why the wait ends before its deadline: a person decides, which may take a day. */
function noteHeld(io: Io, { wanted, short, json }: Followed): void {
  if (json) return;
  failure(io, {
    message: `not ${wanted}: its person decides about it first`,
    hint: `peernet receipts ${short}; to wait for that person: --deadline 1h`,
  });
}

function late(io: Io, { wanted, deadlineMs, short }: Followed): number {
  note(io, `peernet: error: not ${wanted} within ${leftText(deadlineMs)}`);
  note(io, `peernet: hint: peernet receipts ${short}`);
  return exits.deadline;
}

function printEvent(io: Io, event: StageEvent, { to, json }: Followed): void {
  if (json) {
    printJson(io, event);
    return;
  }
  printStage(io, event, { to, answer: event.answer });
  if (event.answer !== null) printFileLines(io, event.answer.text.split("\n").map(fileLine));
}

/** Prints one proven stage: its time, and its words. */
export function printStage(
  io: Io,
  { stage, reason, at_ms }: ProvenStage,
  { to: peer, answer }: { readonly to: string; readonly answer: Answerer | null },
): void {
  const cells = [timeOf(new Date(at_ms)), stageText({ stage, reason, peer, answer })];
  printBlock(io, [{ cells }], [{ gap: 2 }]);
}
