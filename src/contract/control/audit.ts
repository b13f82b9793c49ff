/** Rows of the control table that read the trail. */

import {
  ArchiveInput,
  ArchiveOutput,
  AuditInput,
  AuditOutput,
  AuditRecord,
  ExportInput,
  FollowInput,
  ShowInput,
  ShowOutput,
  VerifyOutput,
} from "../audit.ts";
import type { Table } from "../operation/operation.ts";
import { CompareEvent, CompareInput } from "../subjects/subjects.ts";
import { nothing, people } from "./rows.ts";

/** Rows that read the trail. */
export const auditRows = {
  audit: {
    kind: "call",
    surfaces: people,
    summary: "The newest records of the audit trail.",
    input: AuditInput,
    output: AuditOutput,
    errors: ["bad_request", "peer_unknown"],
  },
  "audit/follow": {
    kind: "stream",
    surfaces: people,
    summary: "Records as they are written.",
    input: FollowInput,
    output: AuditRecord,
    errors: ["bad_request", "peer_unknown"],
  },
  "audit/export": {
    kind: "stream",
    surfaces: people,
    summary: "The complete trail, oldest first.",
    input: ExportInput,
    output: AuditRecord,
    errors: ["bad_request"],
  },
  "audit/verify": {
    kind: "call",
    surfaces: people,
    summary: "Check the chain, its checkpoints and its witnesses.",
    input: nothing,
    output: VerifyOutput,
    errors: [],
  },
  "audit/compare": {
    kind: "stream",
    surfaces: ["cli"],
    summary: "Compare this trail with a peer's, subject by subject.",
    input: CompareInput,
    output: CompareEvent,
    errors: [
      "bad_request",
      "peer_unknown",
      "peer_refused",
      "peer_unreachable",
      "peer_timeout",
      "version_unsupported",
      "rate_limited",
    ],
  },
  show: {
    kind: "call",
    surfaces: people,
    summary: "The subject of an id, or of an id's ending, with its records.",
    input: ShowInput,
    output: ShowOutput,
    errors: ["bad_request", "id_unknown", "id_several"],
  },
  "audit/archive": {
    kind: "call",
    surfaces: people,
    summary: "Move signed records that are older than an instant to files.",
    input: ArchiveInput,
    output: ArchiveOutput,
    errors: ["bad_request", "storage_full"],
  },
} as const satisfies Table;
