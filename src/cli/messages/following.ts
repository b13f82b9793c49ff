/** Follows the proven stages of a message, and prints each with its time. */

import { PeernetError } from "../../contract/errors.ts";
import type { Stage } from "../../contract/messages/message.ts";
import type { ProvenStage, StageEvent } from "../../contract/messages/sending.ts";
import { stages } from "../../contract/messages/stages.ts";
import { fileLine } from "../../contract/text/printable.ts";
import { leftText } from "../../contract/text/words.ts";
import { timeOf } from "../terminal/date.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { note, printBlock, printFileLines, printJson } from "../terminal/output.ts";
import { reasonSentence, stageSentence } from "./words.ts";

/** A message that a command waits for. */
export interface Followed {
  readonly id: string;
  /** The id as people type it. */
  readonly short: string;
  readonly to: string;
  readonly wanted: Stage;
  readonly deadlineMs: number;
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

function exitAt({ stage, reason }: StageEvent, { wanted }: Followed): number | null {
  if (stage === "refused" || stage === "expired") return exits.refused;
  if (stage === wanted) return exits.reached;
  if (stage === "held") return exits.refused;
  const isReached = reason === null && stages.indexOf(stage) >= stages.indexOf(wanted);
  return isReached ? exits.reached : null;
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
  printStage(io, event, to);
  if (event.answer !== null) printFileLines(io, event.answer.text.split("\n").map(fileLine));
}

/** Prints one proven stage: its time, and its sentence. */
export function printStage(io: Io, { stage, reason, at_ms }: ProvenStage, to: string): void {
  const why = reason === null ? "" : `: ${reasonSentence(reason)}`;
  const time = timeOf(new Date(at_ms));
  printBlock(io, [{ cells: [time, `${stageSentence(stage, to)}${why}`] }], [{ gap: 2 }]);
}
