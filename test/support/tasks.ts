/** Samples of tasks: a document, a decision, and an end as supervisors write it. */

import type { TaskOrder } from "../../src/contract/tasks/errands.ts";
import type { TaskDecision, TaskDocument, TaskResult } from "../../src/contract/tasks/task.ts";
import type { TaskEnded } from "../../src/contract/tasks/wire.ts";

const digest = (letter: string): string => letter.repeat(64);
const commit = "91c0d7e0000000000000000000000000000000ab";

/** The request of an asker, with some fields replaced. */
export const sampleDocument = (
  task_id: string,
  changed: Partial<TaskDocument> = {},
): TaskDocument => ({
  ...{ version: 1, task_id, round: 1, repository: "hydrate", base: commit, bundle: null },
  ...{ prompt: "Port the loader", salt: "A".repeat(22), profile: "edit", runner: "claude-code" },
  limits: { wall_ms: null, usd: null },
  hops: 0,
  asked_by: { handle: "api", person: false },
  ...changed,
});

/** The run that would follow. */
export const sampleDecision: TaskDecision = {
  ...{ rules: ["laptop-hydrate"], policy_sha256: digest("1"), wall_ms: 900_000, usd: null },
  ...{ network: "model", path: "/src/hydrate", kind: "repository", base: commit },
  ...{ bundle_sha256: null, profile: "edit" },
  program: {
    ...{ runner: "claude-code", version: "2.1.329", path: "/usr/bin/claude" },
    ...{ sha256: digest("2"), argv: ["claude", "-p"] },
  },
};

/** The order of a round. */
export const sampleOrder = (task_id: string): TaskOrder => ({
  ...{ version: 1, task_id, round: 1, decision: sampleDecision, session: null },
  place: { kind: "repository", name: "hydrate", path: "/src/hydrate", clone: null },
  ...{ document_sha256: digest("3"), decision_sha256: digest("4"), prompt: "Port the loader" },
});

/** The end of a round, as it crosses: without its files. */
export const sampleResult = (task_id: string, changed: Partial<TaskResult> = {}): TaskResult => ({
  ...{ version: 1, task_id, round: 1, state: "completed", reason: null },
  ...{ document_sha256: digest("3"), decision_sha256: digest("4") },
  measured: {
    ...{ exit: 0, signal: null, duration_ms: 1_000, first_output_ms: 10, output_bytes: 100 },
    ...{ output_capped: false, peak_memory_bytes: null, runner: null, profile: "edit" },
    sandbox: { wall: "bwrap", canaries: "passed" },
    ...{ processes: "namespace", base: commit, commit: null, files: [], files_count: 0 },
    ...{ added: 0, deleted: 0, nested_repositories: [], bundle: null, usd: 0.41, requests: 3 },
    network: { reached: ["api.anthropic.com"], refused: [] },
  },
  claims: { text: "Loader ported.", session: "s-1", cost_usd: 0.4, is_error: false, denials: [] },
  ...changed,
});

/** The report of an end. */
export const sampleEnded = (task_id: string): TaskEnded => ({
  ...{ task_id, round: 1, result: sampleResult(task_id) },
  blob: { bytes: 1_024, sha256: digest("5") },
});
