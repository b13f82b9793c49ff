/** Rows of the control table about this machine's policy. */

import type { Table } from "../operation/operation.ts";
import {
  PolicyOutput,
  PolicyPlanInput,
  PolicyPlanOutput,
  PolicyTestInput,
  PolicyTestOutput,
  PolicyWriteInput,
} from "../policy/rows.ts";
import { nothing, people } from "./rows.ts";

/** Rows about the policy. */
export const policyRows = {
  policy: {
    kind: "call",
    surfaces: people,
    summary: "The policy: its text, its first fault, and what each peer may read by it.",
    input: nothing,
    output: PolicyOutput,
    errors: ["state_unsafe"],
  },
  "policy/check": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Check the policy, and let its names count for the machines that bear them now.",
    input: nothing,
    output: PolicyOutput,
    errors: ["policy_invalid", "state_unsafe"],
  },
  "policy/write": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Replace the policy by a text that was checked first.",
    input: PolicyWriteInput,
    output: PolicyOutput,
    errors: ["policy_invalid", "id_conflict", "state_unsafe"],
  },
  "policy/plan": {
    kind: "call",
    surfaces: people,
    summary: "The change of the policy that allows or denies a peer some repositories.",
    input: PolicyPlanInput,
    output: PolicyPlanOutput,
    errors: ["peer_unknown", "policy_invalid", "repository_unknown", "state_unsafe"],
  },
  "policy/test": {
    kind: "call",
    surfaces: people,
    summary: "The decision about one act, with the rules that allow, refuse or do not apply.",
    input: PolicyTestInput,
    output: PolicyTestOutput,
    errors: ["policy_invalid", "state_unsafe"],
  },
} as const satisfies Table;
