/** Made-up tasks of a machine, as the daemon shows them. */

import type { ShownTask, TaskOutput } from "../../src/contract/tasks/local.ts";
import { sampleDecision, sampleDocument, sampleResult } from "../support/tasks.ts";

const digest = (letter: string): string => letter.repeat(64);

/** A task with everything that a person decides by. */
export function madeTask(
  at: number,
  given: Partial<ShownTask>,
  more: Partial<TaskOutput> & { readonly prompt?: string } = {},
): TaskOutput {
  const task_id = `0199c3f0-7a6e-7c11-9b1f-${String(at).padStart(12, "0")}`;
  const task: ShownTask = {
    ...{ task_id, name: `task-${at}`, direction: "in", peer: "mini", repository: "hydrate" },
    ...{ profile: "edit", runner: "claude-code", round: 1, state: "held", reason: null },
    ...{ state_age_ms: at * 60_000, age_ms: at * 60_000 + 5_000 },
    asked_by: { handle: "api", person: false },
    ...given,
  };
  const { prompt = "Port the config loader to the new schema", ...fields } = more;
  const isIn = task.direction === "in";
  return {
    task,
    document: JSON.stringify(sampleDocument(task_id, { prompt })),
    document_sha256: digest("a"),
    decision: isIn ? sampleDecision : null,
    decision_sha256: isIn ? digest("b") : null,
    states: [{ round: 1, state: task.state, reason: task.reason, age_ms: task.state_age_ms }],
    ...{ result: null, ref: null, root: null, home: null },
    ...fields,
  };
}

/** A held task, a running one of either side, and ended ones. */
export const someTasks = (): TaskOutput[] => [
  madeTask(9, { name: "notes", direction: "out", state: "refused", reason: "credential" }),
  madeTask(
    8,
    { name: "retry", direction: "out", state: "completed" },
    {
      result: sampleResult("0199c3f0-7a6e-7c11-9b1f-000000000008", {
        claims: { ...sampleResult("x").claims, text: "Loader ported.\nTwo tests added." },
      }),
      ref: "refs/peernet/mini/retry-0008",
      root: "/home/a/src/hydrate",
    },
  ),
  madeTask(3, { name: "sweep", direction: "out", state: "running" }),
  madeTask(2, { name: "tests", state: "running", peer: "server", profile: "build" }),
  madeTask(
    1,
    { name: "loader" },
    { prompt: "Port the config loader to the new schema.\n\nLeave the legacy path as it is." },
  ),
];
