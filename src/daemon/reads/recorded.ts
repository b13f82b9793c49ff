/** The records of readings: never content, and a pattern only as a digest that nobody can guess. */

import type { OpenOutput, Operation, OperationEnd } from "../../contract/reads/reads.ts";
import { type AuditDraft, contentSha256, type Details } from "../../core/audit-chain.ts";
import type { Context } from "../context/context.ts";

/** A repository here, as a record names it. */
export const handleOf = ({ config }: Pick<Context, "config">, repository: string): string =>
  `${config.machine.name}:${repository}`;

/** The record of an opened reading. */
export const recordedOpening = (
  draft: Omit<AuditDraft, "at_ms" | "outcome">,
  { repository, sha, ref, files, wall }: OpenOutput,
): Omit<AuditDraft, "at_ms"> => ({
  ...draft,
  outcome: "ok",
  details: { act: "open", repository, sha, ref, files, wall },
});

/** An operation, its result, and the reading's salt. */
export interface Operated {
  readonly opened: OpenOutput;
  readonly salt: Uint8Array;
  readonly operation: Operation;
  readonly result: OperationEnd;
}

/** The details of an operation's record. */
export function detailsOf(
  { effects }: Pick<Context, "effects">,
  { opened, salt, operation, result }: Operated,
): Details {
  const { repository, sha, wall } = opened;
  const digest = (text: string): string => contentSha256(salt, text, effects.sha256);
  const asked =
    operation.op === "file"
      ? { path: operation.path }
      : { pattern_sha256: digest(operation.pattern) };
  return { act: operation.op, repository, sha, wall, ...asked, ...sizesOf(result) };
}

/** The size of an answer, and the reason why it is not whole. */
function sizesOf(result: OperationEnd): Details {
  switch (result.end) {
    case "file":
      return { bytes: result.value.text?.length ?? 0, incomplete: result.value.incomplete };
    case "glob":
      return { paths: result.value.paths.length, incomplete: result.value.incomplete };
    case "grep":
      return { matches: result.value.matches.length, incomplete: result.value.incomplete };
    case "too_large":
      return { bytes: result.bytes };
    case "absent":
      return result.denied ? { denied: true } : {};
    case "bad_pattern":
      return {};
    default:
      return result satisfies never;
  }
}
