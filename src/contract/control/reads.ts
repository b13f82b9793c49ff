/** The row of the control table by which a session reads a repository of a peer. */

import type { Table } from "../operation/operation.ts";
import { ReadInput, ReadOutput, RepositoriesInput, RepositoriesOutput } from "../reads/local.ts";
import { everywhere } from "./rows.ts";

/** The row by which a session reads. */
export const localReadRows = {
  read: {
    kind: "call",
    surfaces: everywhere,
    summary: "Read, list or search a repository of a peer, at one commit.",
    input: ReadInput,
    output: ReadOutput,
    errors: [
      "bad_request",
      "peer_unknown",
      "peer_unreachable",
      "peer_timeout",
      "peer_refused",
      "scope_denied",
      "repository_unknown",
      "policy_refused",
      "path_unknown",
      "too_large",
      "reading_gone",
      "not_ready",
      "sandbox_unsafe",
      "fingerprint_mismatch",
      "version_unsupported",
      "rate_limited",
    ],
  },
  "read/repositories": {
    kind: "call",
    surfaces: everywhere,
    summary: "List the repositories of a peer that it lets this machine read.",
    input: RepositoriesInput,
    output: RepositoriesOutput,
    errors: [
      "bad_request",
      "peer_unknown",
      "peer_unreachable",
      "peer_timeout",
      "peer_refused",
      "scope_denied",
      "fingerprint_mismatch",
      "version_unsupported",
      "rate_limited",
    ],
  },
} as const satisfies Table;
