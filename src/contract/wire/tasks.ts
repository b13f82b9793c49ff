/** Rows of the wire table by which machines delegate tasks to each other. */

import { z } from "zod";
import {
  CheckTask,
  CheckTaskOutput,
  GetPiece,
  GetPieceOutput,
  OwnTask,
  PutPiece,
  PutPieceOutput,
  SubmitTask,
  TaskAnswer,
  TaskEnded,
  TaskEvent,
} from "../tasks/wire.ts";
import type { WireTable } from "./rows.ts";

const shared = { kind: "call", surfaces: [], caller: "peer" } as const;
const errors = ["bad_request", "unauthenticated", "rate_limited", "storage_full"] as const;
const submitting = [
  ...errors,
  ...(["scope_denied", "repository_unknown", "policy_refused", "id_conflict"] as const),
  ...(["task_limit", "not_ready"] as const),
] as const;
const nothing = z.object({});

/** Rows by which machines delegate tasks. */
export const taskRows = {
  "task/submit": {
    ...{ ...shared, rate: "mail", recorded: true },
    summary: "Hand over a task; the same id and digest again repeat its state.",
    input: SubmitTask,
    output: TaskAnswer,
    errors: submitting,
  },
  "task/say": {
    ...{ ...shared, rate: "mail", recorded: true },
    summary: "Hand over another round of an own task that has ended.",
    input: SubmitTask,
    output: TaskAnswer,
    errors: [...submitting, "id_unknown", "task_state"],
  },
  "task/check": {
    ...{ ...shared, rate: "mail", recorded: false },
    summary: "The gates that a task would meet here; nothing is stored.",
    input: CheckTask,
    output: CheckTaskOutput,
    errors: [...errors, "scope_denied"],
  },
  "task/stop": {
    ...{ ...shared, rate: "mail", recorded: true },
    summary: "Stop an own task; one that has ended stays as it is.",
    input: OwnTask,
    output: TaskAnswer,
    errors: [...errors, "id_unknown"],
  },
  "task/discard": {
    ...{ ...shared, rate: "mail", recorded: true },
    summary: "Remove an own task that has ended, with its tree and output.",
    input: OwnTask,
    output: TaskAnswer,
    errors: [...errors, "id_unknown", "task_state"],
  },
  "task/event": {
    ...{ ...shared, rate: "mail", recorded: false },
    summary: "A change of state of a task that this machine asked for.",
    input: TaskEvent,
    output: nothing,
    errors: [...errors, "id_unknown"],
  },
  "task/result": {
    ...{ ...shared, rate: "mail", recorded: false },
    summary: "The end of a round that this machine asked for, with the digest of the whole result.",
    input: TaskEnded,
    output: nothing,
    errors: [...errors, "id_unknown"],
  },
  "blob/put": {
    ...{ ...shared, rate: "pieces", recorded: false },
    summary: "A piece of the bundle that an own task declares.",
    input: PutPiece,
    output: PutPieceOutput,
    errors: [...errors, "id_unknown", "task_state", "not_ready"],
  },
  "blob/get": {
    ...{ ...shared, rate: "pieces", recorded: false },
    summary: "A piece of an own task's result, its commits or its log.",
    input: GetPiece,
    output: GetPieceOutput,
    errors: [...errors, "id_unknown", "not_ready"],
  },
} as const satisfies WireTable;
