/** The tools that hand a task to a peer, and tell what came of it. */

import type { Tools } from "../../contract/mcp.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { refusalLines } from "../../contract/tasks/gates.ts";
import { submitDeadlineMs, taskGitMs } from "../../contract/tasks/limits.ts";
import type { ShownTask, TaskReport } from "../../contract/tasks/local.ts";
import { taskNotice, untrustedTaskFields } from "../../contract/tasks/tools.ts";
import { claimText, isOpen, measuredParts, stateText } from "../../contract/tasks/words.ts";
import { started, withKeeper } from "../../session/started.ts";
import type { Call } from "../server/parts.ts";
import { selectorOf } from "../sessions/caller.ts";

/** Two machines run git and try their sandbox before the daemon answers. */
const silenceMs = submitDeadlineMs + taskGitMs;

/** Hands a task over, or starts another round of one. @throws the errors of `tasks/run` */
export async function delegateTask(
  { machine, repository, prompt, task_id, ...asked }: InputOf<Tools["delegate_task"]>,
  call: Call,
): Promise<OutputOf<Tools["delegate_task"]>> {
  const { parts, signal } = call;
  const from = { session: selectorOf(call), by: "session" } as const;
  const options = { signal, silenceMs };
  const hand = () =>
    task_id === undefined
      ? parts.calls()["tasks/run"](
          {
            ...{ machine, repository, prompt, from, folder: parts.cwd() },
            ...{ profile: asked.profile ?? "query", runner: asked.runner ?? null },
            ...{ at: asked.at ?? null, send: asked.send ?? false },
          },
          options,
        )
      : parts.calls()["tasks/say"]({ task: task_id, prompt, from }, options);
  const output = await withKeeper(parts, () => started(parts, hand));
  const { task, base, left_out } = output;
  const unseen = left_out === 0 ? "" : `; changes in ${left_out} files are in no commit`;
  const next = isOpen(task.state) ? " You are told of its end." : refusedText(task);
  return { ...shared(task, `${stateText(task)}${unseen}.${next}`), base };
}

/** Tells how a task stands. @throws the errors of `tasks/get` */
export async function getTask(
  { task }: InputOf<Tools["get_task"]>,
  { parts, signal }: Call,
): Promise<OutputOf<Tools["get_task"]>> {
  const report = await started(parts, () => parts.calls()["tasks/get"]({ task }, { signal }));
  return toldOf(report);
}

/** Stops a task. @throws the errors of `tasks/stop` */
export async function stopTask(
  { task }: InputOf<Tools["stop_task"]>,
  { parts, signal }: Call,
): Promise<OutputOf<Tools["stop_task"]>> {
  await started(parts, () => parts.calls()["tasks/stop"]({ task }, { signal }));
  return toldOf(await parts.calls()["tasks/get"]({ task }, { signal }));
}

/** The gate that refused a task, and the line by which a person opens it. */
function refusedText(task: ShownTask): string {
  const lines = refusalLines(task);
  return lines === null ? "" : ` ${lines.join(". ")}`;
}

/** The facts that all results share. */
function shared(task: ShownTask, message: string) {
  const { task_id, name, peer, repository, round, state, reason, state_age_ms } = task;
  return {
    ...{ message, task_id, name, machine: peer, repository, round, state, reason, state_age_ms },
    ...{ untrusted: [...untrustedTaskFields], notice: taskNotice },
  };
}

function toldOf({ task, result, ref, home }: TaskReport): OutputOf<Tools["get_task"]> {
  const open = " You are told of its end; do not poll.";
  const end = isOpen(task.state) ? open : refusedText(task);
  const missing = home === null ? "" : ` Its commit is not here: ${home.says}. ${home.fix}`;
  const here = ref === null ? missing : ` Its commit is here: git diff HEAD...${ref}.`;
  const claims = result === null ? null : (claimText(result.claims)?.split("\n") ?? []);
  return {
    ...shared(task, `${stateText({ ...task, reason: null })}.${end}${here}`),
    measured: result === null ? null : [...measuredParts(result.measured)],
    ...{ claims, ref },
  };
}
