/** A task, its document, its decision and its result, as a daemon tells them. */

import type { ShownTask, TaskOutput, TaskReport } from "../../../src/contract/tasks/local.ts";
import type { TaskDecision, TaskDocument, TaskResult } from "../../../src/contract/tasks/task.ts";

/** The id of the sample, and its short form. */
export const id = "01935fd2-61f1-7c6a-9d2e-3b1c5a7e4c1e";
export const base = "91c0d7e".padEnd(40, "0");
const digest = "ab".repeat(32);

/** A task of this machine, asked of mini. */
export const task = (more: Partial<ShownTask> = {}): ShownTask => ({
  ...{ task_id: id, name: "loader", direction: "out", peer: "mini", repository: "hydrate" },
  ...{ profile: "edit", runner: "claude-code", round: 1, state: "running", reason: null },
  ...{ state_age_ms: 12_000, age_ms: 60_000, asked_by: { handle: "retry", person: true } },
  ...more,
});

/** Its document. */
export const document = (more: Partial<TaskDocument> = {}): TaskDocument => ({
  ...{ version: 1, task_id: id, round: 1, repository: "hydrate", base, bundle: null },
  ...{ prompt: "Port the loader\nand \x1b[31mnothing else", salt: "A".repeat(22) },
  ...{ profile: "edit", runner: "claude-code", limits: { wall_ms: null, usd: null }, hops: 0 },
  ...{ asked_by: { handle: "laptop/retry", person: true } },
  ...more,
});

/** The program and the limits of its run here. */
export const decision = (more: Partial<TaskDecision> = {}): TaskDecision => ({
  ...{ rules: ["laptop-hydrate"], policy_sha256: digest, wall_ms: 1_200_000, usd: 2 },
  ...{ network: "model", path: "/home/ada/src/hydrate", kind: "repository", base },
  ...{ bundle_sha256: null, profile: "edit" },
  program: {
    ...{ runner: "claude-code", version: "2.1.329", path: "/opt/claude", sha256: digest },
    argv: ["claude", "-p", "--restricted"],
  },
  ...more,
});

/** A completed round. */
export const result = (more: Partial<TaskResult> = {}): TaskResult => ({
  ...{ version: 1, task_id: id, round: 1, state: "completed", reason: null },
  ...{ document_sha256: digest, decision_sha256: digest },
  measured: {
    ...{ exit: 0, signal: null, duration_ms: 189_000, first_output_ms: 900 },
    ...{ output_bytes: 9_000, output_capped: false, peak_memory_bytes: null, profile: "edit" },
    runner: { name: "claude-code", version: "2.1.329", sha256: digest },
    ...{ sandbox: { wall: "bwrap", canaries: "passed" }, processes: "namespace", base },
    ...{ commit: "4be1f02".padEnd(40, "0"), files: [], files_count: 3, added: 88, deleted: 41 },
    ...{ nested_repositories: [], bundle: null, usd: 0.41, requests: 4 },
    network: { reached: ["api.anthropic.com"], refused: [] },
  },
  claims: {
    ...{ text: "Loader ported.\n\x1b]0;owned\x07", session: null, cost_usd: 9, is_error: false },
    denials: [],
  },
  ...more,
});

/** A report about the task to the session that asked. */
export const taskReport = (more: Partial<TaskReport> = {}): TaskReport => ({
  ...{ task: task(), states: [], result: null, ref: null, root: null, home: null },
  ...more,
});

/** The whole of a held task that laptop asks of this machine. */
export const held = (more: Partial<TaskOutput> = {}): TaskOutput => ({
  task: task({ direction: "in", peer: "laptop", state: "held" }),
  ...{ document: JSON.stringify(document()), document_sha256: "cd".repeat(32) },
  ...{ decision: decision(), decision_sha256: "ef".repeat(32), states: [] },
  ...{ result: null, ref: null, root: null, home: null },
  ...more,
});
