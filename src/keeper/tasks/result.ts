/** Writes the one result of a round: facts that were measured, apart from claims. */

import type { TaskOrder } from "../../contract/tasks/errands.ts";
import { resultBytesMax } from "../../contract/tasks/limits.ts";
import type { Claims, Measured, TaskResult } from "../../contract/tasks/task.ts";
import { roundNames, writeOnce } from "./folder.ts";

/** The end of a round, as far as it differs from that of one which never began. */
export interface RoundEnd {
  readonly state: TaskResult["state"];
  readonly reason: string | null;
  readonly measured?: Partial<Measured>;
  readonly claims?: Claims;
}

const noClaims: Claims = {
  ...{ text: null, session: null, cost_usd: null, is_error: null, denials: [] },
};

const unmeasured = ({ decision }: TaskOrder): Measured => ({
  ...{ exit: null, signal: null, duration_ms: 0, first_output_ms: null, output_bytes: 0 },
  ...{ output_capped: false, peak_memory_bytes: null, runner: runnerOf(decision.program) },
  ...{ profile: decision.profile, sandbox: null, processes: "namespace", base: decision.base },
  ...{ commit: null, files: [], files_count: 0, added: 0, deleted: 0, nested_repositories: [] },
  ...{ bundle: null, usd: null, requests: 0, network: { reached: [], refused: [] } },
});

const runnerOf = ({ runner, version, sha256 }: TaskOrder["decision"]["program"]) =>
  runner === null ? null : { name: runner, version, sha256 };

/** Writes the result of a round; a second one is never written. @throws as the disk does */
export function writeResult(folder: string, order: TaskOrder, end: RoundEnd): void {
  const { task_id, round, document_sha256, decision_sha256 } = order;
  const result: TaskResult = {
    ...{ version: 1, task_id, round, state: end.state, reason: end.reason },
    ...{ document_sha256, decision_sha256, claims: end.claims ?? noClaims },
    measured: { ...unmeasured(order), ...end.measured },
  };
  writeOnce(folder, roundNames.result, fitting(result));
}

/** The result as text; files are left out from the end while it is too large. */
function fitting(result: TaskResult): string {
  for (let { files } = result.measured; ; files = files.slice(0, Math.floor(files.length / 2))) {
    const text = JSON.stringify({ ...result, measured: { ...result.measured, files } });
    if (files.length === 0 || new TextEncoder().encode(text).length <= resultBytesMax) return text;
  }
}
