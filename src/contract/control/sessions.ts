/** Rows of the control table by which sessions take, keep, describe and release their handles. */

import {
  ActivateInput,
  ActivateOutput,
  DeactivateInput,
  DeactivateOutput,
  HookInput,
  HookOutput,
  LeasesOutput,
  RenewInput,
  RenewOutput,
  ResumeInput,
  ResumeOutput,
  SummaryInput,
  SummaryOutput,
} from "../lease.ts";
import type { Table } from "../operation/operation.ts";
import { nothing, sessions } from "./rows.ts";

/** Rows by which sessions take, keep, describe and release their handles. */
export const sessionRows = {
  activate: {
    kind: "call",
    surfaces: sessions,
    summary: "Take a lease on a handle for a session, or rename the one it has.",
    input: ActivateInput,
    output: ActivateOutput,
    errors: ["bad_request", "handle_held", "lease_limit"],
  },
  deactivate: {
    kind: "call",
    surfaces: sessions,
    summary: "Release a session's lease.",
    input: DeactivateInput,
    output: DeactivateOutput,
    errors: ["bad_request", "handle_unknown", "lease_lost"],
  },
  summary: {
    kind: "call",
    surfaces: sessions,
    summary: "Set a sentence about a session's work.",
    input: SummaryInput,
    output: SummaryOutput,
    errors: ["bad_request", "handle_unknown"],
  },
  hook: {
    kind: "call",
    surfaces: [],
    summary: "Report an event of a coding agent's session: it starts, works, waits, ends.",
    input: HookInput,
    output: HookOutput,
    errors: ["bad_request"],
  },
  leases: {
    kind: "call",
    surfaces: [],
    summary: "The leases the keeper renews.",
    input: nothing,
    output: LeasesOutput,
    errors: [],
  },
  renew: {
    kind: "call",
    surfaces: [],
    summary: "Renew leases, with the keeper's readings.",
    input: RenewInput,
    output: RenewOutput,
    errors: ["bad_request"],
  },
  "leases/resume": {
    kind: "call",
    surfaces: [],
    summary: "Take again the leases that expired only because the machine slept.",
    input: ResumeInput,
    output: ResumeOutput,
    errors: ["bad_request"],
  },
} as const satisfies Table;
