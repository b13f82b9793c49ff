/** Rows of the control table about delegated tasks. */

import { everywhere, nothing, people } from "../control/rows.ts";
import type { Table } from "../operation/operation.ts";
import {
  ActedOutput,
  ApproveInput,
  CheckInput,
  CheckOutput,
  FetchOutput,
  LogInput,
  LogOutput,
  RefuseInput,
  RunInput,
  RunnersOutput,
  RunOutput,
  SayInput,
  TaskInput,
  TaskOutput,
  TaskReport,
  TasksInput,
  TasksOutput,
} from "./local.ts";

const reaching = [
  ...(["bad_request", "peer_unknown", "peer_unreachable", "peer_timeout", "peer_refused"] as const),
  ...(["fingerprint_mismatch", "version_unsupported", "rate_limited"] as const),
] as const;
const found = ["bad_request", "id_unknown", "id_several"] as const;
const submitting = [
  ...reaching,
  ...(["scope_denied", "outbound_refused", "policy_refused", "repository_unknown"] as const),
  ...(["id_conflict", "task_limit", "not_ready", "no_handle", "too_large"] as const),
] as const;

/** Rows about delegated tasks. */
export const taskRows = {
  "tasks/run": {
    kind: "call",
    surfaces: everywhere,
    summary: "Hand a task to a machine, for a repository or a folder of its policy.",
    input: RunInput,
    output: RunOutput,
    errors: submitting,
  },
  "tasks/say": {
    kind: "call",
    surfaces: everywhere,
    summary: "Start another round of a task that has ended.",
    input: SayInput,
    output: RunOutput,
    errors: [...submitting, "id_unknown", "id_several", "task_state"],
  },
  "tasks/check": {
    kind: "call",
    surfaces: people,
    summary: "Every gate between this machine and a running task, each with its fix.",
    input: CheckInput,
    output: CheckOutput,
    errors: [...submitting],
  },
  tasks: {
    kind: "call",
    surfaces: people,
    summary: "The tasks that this machine asked for, and those that peers ask of it.",
    input: TasksInput,
    output: TasksOutput,
    errors: ["bad_request"],
  },
  "tasks/show": {
    kind: "call",
    surfaces: people,
    summary: "A task with everything that a person decides by.",
    input: TaskInput,
    output: TaskOutput,
    errors: found,
  },
  "tasks/get": {
    kind: "call",
    surfaces: everywhere,
    summary: "The state and the result of a task that this machine asked for.",
    input: TaskInput,
    output: TaskReport,
    errors: found,
  },
  "tasks/log": {
    kind: "call",
    surfaces: people,
    summary: "The output of a task's runner, from a byte on.",
    input: LogInput,
    output: LogOutput,
    errors: [...reaching, "id_unknown", "id_several", "not_ready", "task_state"],
  },
  "tasks/stop": {
    kind: "call",
    surfaces: everywhere,
    summary: "Stop a task; its machine is told as soon as it can be reached.",
    input: TaskInput,
    output: ActedOutput,
    errors: [...found, "task_state", "outbox_full"],
  },
  "tasks/fetch": {
    kind: "call",
    surfaces: people,
    summary: "Bring a task's commit home into its clone, if that has not happened yet.",
    input: TaskInput,
    output: FetchOutput,
    errors: [...reaching, "id_unknown", "id_several", "not_ready", "task_state"],
  },
  "tasks/discard": {
    kind: "call",
    surfaces: people,
    summary: "Remove an ended task with its tree and output, on both machines.",
    input: TaskInput,
    output: ActedOutput,
    errors: [...reaching, "id_unknown", "id_several", "task_state"],
  },
  "tasks/approve": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Let a held task run as it was shown.",
    input: ApproveInput,
    output: ActedOutput,
    errors: [...found, "task_state", "not_ready"],
  },
  "tasks/refuse": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Refuse a task that has not started.",
    input: RefuseInput,
    output: ActedOutput,
    errors: [...found, "task_state"],
  },
  "tasks/runners": {
    kind: "call",
    surfaces: people,
    summary: "The runners of this machine, each with its version, credential and fault.",
    input: nothing,
    output: RunnersOutput,
    errors: ["not_ready"],
  },
} as const satisfies Table;
