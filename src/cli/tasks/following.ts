/** Follows a task: prints each new state with its time, and its result at the end. */

import { PeernetError } from "../../contract/errors.ts";
import { followMs } from "../../contract/tasks/limits.ts";
import type { ShownTask } from "../../contract/tasks/local.ts";
import { isOpen, stateText } from "../../contract/tasks/words.ts";
import { shortId } from "../../contract/text/ids.ts";
import { timeOf } from "../terminal/date.ts";
import { interruptible, later } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine } from "../terminal/output.ts";
import { noteRefusal, printResult } from "./words.ts";

/** A task to follow. */
export interface Following {
  readonly task: ShownTask;
  readonly json: boolean;
}

/** Prints states until the task has ended; 0 completed, 1 failed, 4 refused, 5 timed out. */
export function followed(io: Io, { task: first, json }: Following): Promise<number> {
  return interruptible(io, async (signal) => {
    const id = { task: first.task_id };
    let known = `${first.round} ${first.state}`;
    if (!json) heldNote(io, first);
    for (;;) {
      const { task } = await again(io, () => io.calls()["tasks/get"](id));
      const now = `${task.round} ${task.state}`;
      if (now !== known) {
        if (json) printJson(io, { task });
        else printLine(io, `${timeOf(new Date(io.clock.wallMs()))} ${stateText(task)}`);
        known = now;
      }
      if (!isOpen(task.state)) return ended(io, id, { json, signal });
      await later(io, followMs, signal);
    }
  });
}

/** Exit codes by the end of a task. */
const exits: Readonly<Record<string, number>> = {
  completed: 0,
  refused: 4,
  expired: 5,
  timed_out: 5,
};

/** Looks for a commit that comes, before the end is printed without it. */
const homeLooks = 10;

async function ended(
  io: Io,
  id: { readonly task: string },
  { json, signal }: { readonly json: boolean; readonly signal: AbortSignal },
): Promise<number> {
  let report = await io.calls()["tasks/get"](id);
  for (let look = 0; report.home?.due === true && look < homeLooks; look++) {
    await later(io, followMs, signal);
    report = await io.calls()["tasks/get"](id);
  }
  if (json) printJson(io, report);
  else printResult(io, report);
  noteRefusal(io, report.task);
  return exits[report.task.state] ?? 1;
}

function heldNote(io: Io, { state, peer, task_id }: ShownTask): void {
  if (state !== "held") return;
  note(io, `on ${peer} a person types: peernet task approve ${shortId(task_id, [])}`);
  note(io, "over ssh that needs a terminal of its own: ssh -t");
}

/** The task is durable: a daemon that starts again goes on with it. */
async function again<T>(io: Io, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof PeernetError) || error.code !== "daemon_not_running") throw error;
    await io.ensureDaemon();
    return call();
  }
}
