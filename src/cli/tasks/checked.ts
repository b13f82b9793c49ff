/** `peernet run --check`: every gate between this machine and a running task, with its fix. */

import { submitDeadlineMs, taskGitMs } from "../../contract/tasks/limits.ts";
import type { CheckInput } from "../../contract/tasks/local.ts";
import { started } from "../../session/started.ts";
import { printChecks } from "../terminal/checks.ts";
import type { Io } from "../terminal/io.ts";
import { printJson } from "../terminal/output.ts";

/** Prints the gates: 0 when a task would run, or be held; 4 when a gate is shut. */
export async function checked(io: Io, input: CheckInput, json: boolean): Promise<number> {
  const silenceMs = submitDeadlineMs + taskGitMs;
  const output = await started(io, () => io.calls()["tasks/check"](input, { silenceMs }));
  if (json) printJson(io, output);
  else
    printChecks(
      io,
      output.gates.map(({ gate, passed, says, fix }) => ({
        ...{ name: gate, state: passed ? ("ok" as const) : ("failed" as const), detail: says },
        fix: fix === null ? null : `on ${fix.on}: ${fix.line}`,
      })),
    );
  return output.gates.every(({ passed }) => passed) ? 0 : 4;
}
